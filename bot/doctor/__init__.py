"""`python -m bot doctor`: is everything in its place, and what to do when not. Changes nothing, prints no secret."""

import asyncio
import os

from bot.clock import Clock, SystemClock
from bot.config import read_settings
from bot.doctor.database import check_database
from bot.doctor.findings import Finding
from bot.doctor.machine import (
    check_catalogs,
    check_disk,
    check_keys,
    check_names,
    check_public_url,
    check_templates,
    check_zone,
)
from bot.doctor.messengers import check_telegram, check_whatsapp
from bot.doctor.patience import Abandoned, in_time
from bot.errors import N_, SettingWrong
from bot.i18n import _, speaking
from bot.terms import Language

__all__ = ["Finding", "examine"]

# Why bot.config refuses a value, for the catalogs: there it is raised before anyone's language is known.
REASONS = (
    N_("this is not a bot token"),
    N_("only A-Z a-z 0-9 _ - are allowed, 256 at most"),
    N_("this is not an http(s) address"),
    N_("this is not a phone number in the international form"),
    N_("only sqlite+aiosqlite:/// and postgresql+psycopg:// are supported"),
    N_("hours are written HH:MM-HH:MM"),
    N_("there is no such time zone"),
    N_("Twilio needs all three of its settings"),
    N_("Twilio's webhooks need the public address of this server"),
    N_("a webhook without a secret accepts forged updates"),
    N_("a process without a role does nothing"),
)


async def examine(clock: Clock | None = None) -> list[Finding]:
    """Every finding, faults and what is well, in the language of the environment. Takes at most 10 seconds."""
    asyncio.get_running_loop().set_default_executor(Abandoned())
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    with speaking(language_of(locale)):
        return await _examine(clock or SystemClock())


async def _examine(clock: Clock) -> list[Finding]:
    found = check_names()
    try:
        settings = read_settings()
    except SettingWrong as error:
        reason = error.facts["reason"]
        found.fault(
            _(error.msgid, **error.facts | {"reason": _(reason)}),
            _("put it right in .env; every setting is described in .env.example"),
        )
        return found
    found.fine(_("The settings are readable."))
    keys = check_keys(settings)
    messengers = await asyncio.gather(
        in_time(_("Database"), check_database(settings, clock, has_keys=all(finding.is_fine for finding in keys))),
        in_time("Telegram", check_telegram(settings, clock)),
        in_time("WhatsApp", check_whatsapp(settings)),
    )
    machine = [check_public_url(settings), check_templates(settings), check_disk(settings)]
    rooms = [found, keys, check_catalogs(), check_zone(settings, clock), *messengers, *machine]
    return [finding for room in rooms for finding in room]


def language_of(locale: str) -> Language:
    return Language.KK if locale.lower().startswith("kk") else Language.RU
