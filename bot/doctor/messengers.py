"""Telegram and Twilio: on or off, is the token accepted, do their webhooks reach us."""

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.clock import Clock
from bot.config import Settings
from bot.doctor.findings import Examination, Finding
from bot.i18n import _, number

CALL_SECONDS = 8.0
PENDING_LIMIT = 100
FRESH = timedelta(hours=1)


async def check_telegram(settings: Settings, clock: Clock) -> Examination:
    found = Examination()
    if settings.telegram_token is None:
        found.fine(_("Telegram is off: there is no token."), _("to switch it on, set KORSHI_TELEGRAM_TOKEN"))
        return found
    base = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}"
    status, answer = await _ask(f"{base}/getMe")
    me = answer.get("result") or {}
    if status == 200 and me.get("username"):
        found.fine(_("Telegram is on: the bot @{username} answers.", username=me["username"]))
    elif status in (401, 404):
        advice = _("take the token from @BotFather again and put it into KORSHI_TELEGRAM_TOKEN")
        found.fault(_("Telegram does not accept the token."), advice)
        return found
    else:
        found.append(_unreachable("Telegram", settings.telegram_api_url, status))
        return found
    if me.get("can_read_all_group_messages"):
        found.fault(
            _("Privacy mode is off: Telegram hands the bot everything that neighbours write in their groups."),
            _("@BotFather: /setprivacy, Enable; then add the bot to its groups again"),
        )
    if not me.get("can_join_groups", True):
        found.fault(_("The bot may not be added to groups."), _("@BotFather: /setjoingroups, Enable"))
    status, answer = await _ask(f"{base}/getWebhookInfo")
    if status != 200:
        found.append(_unreachable("Telegram", settings.telegram_api_url, status))
        return found
    _read_webhook(found, settings, clock, answer.get("result") or {})
    return found


def _read_webhook(found: Examination, settings: Settings, clock: Clock, info: dict[str, Any]) -> None:
    wanted = f"{settings.public_url}/telegram/webhook" if settings.public_url else ""
    pending, there = int(info.get("pending_update_count", 0)), str(info.get("url", ""))
    start = _("start Korshi, it sets this itself: python -m bot serve")
    if there != wanted and wanted:
        found.fault(_("Telegram does not deliver to {url} yet.", url=wanted), start)
    elif there != wanted:
        found.fault(_("Telegram still delivers to {host}: polling gets nothing.", host=urlsplit(there).netloc), start)
    elif wanted:
        found.fine(_("Telegram delivers to {url}. Waiting there: {count}.", url=wanted, count=number(pending)))
    else:
        found.fine(_("Telegram is asked for updates (polling). Waiting there: {count}.", count=number(pending)))
    if pending > PENDING_LIMIT:
        what = _("{count} updates wait at Telegram; what is older than a day is lost.", count=number(pending))
        found.fault(what, _("see that Korshi runs and that its public address can be reached from outside"))
    failed_at = info.get("last_error_date")
    if failed_at and clock.now().timestamp() - failed_at < FRESH.total_seconds():
        what = _("Telegram's last delivery failed: {error}", error=info.get("last_error_message", ""))
        found.fault(what, _("see that Korshi runs and that its public address can be reached from outside"))


async def check_whatsapp(settings: Settings) -> Examination:
    found = Examination()
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        found.fine(_("WhatsApp is off: there are no Twilio settings."), "docs/operating/twilio.md")
        return found
    login = f"{settings.twilio_account_sid}:{settings.twilio_auth_token.get_secret_value()}".encode()
    url = f"{settings.twilio_api_url}/2010-04-01/Accounts/{settings.twilio_account_sid}.json"
    status, answer = await _ask(url, {"Authorization": "Basic " + base64.b64encode(login).decode()})
    if status == 200 and answer.get("status", "active") == "active":
        sender = settings.twilio_whatsapp_from
        found.fine(_("WhatsApp is on: Twilio answers, the sender is {number}.", number=sender))
    elif status == 200:
        what = _("Twilio has closed the account: its status is {status}.", status=answer.get("status"))
        found.fault(what, _("settle it in Twilio's console: billing or verification"))
    elif status in (401, 403, 404):
        advice = _("copy KORSHI_TWILIO_ACCOUNT_SID and KORSHI_TWILIO_AUTH_TOKEN from Twilio's console again")
        found.fault(_("Twilio does not accept the account and its token."), advice)
    else:
        found.append(_unreachable("Twilio", settings.twilio_api_url, status))
    return found


def _unreachable(who: str, url: str, status: int) -> Finding:
    host = urlsplit(url).netloc
    if status:
        what = _("{who} answers with an error ({status}).", who=who, status=status)
        return Finding(False, what, _("try again in a few minutes"))
    what = _("{who} cannot be reached at {host}.", who=who, host=host)
    return Finding(False, what, _("check the network, the name server and the firewall"))


async def _ask(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """Status and body; 0 when nobody answered. The address may carry a token: no error of it is ever shown."""
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            body = json.loads(await answer.read())
            return answer.status, body if isinstance(body, dict) else {}
    except json.JSONDecodeError:
        return 502, {}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return 0, {}
