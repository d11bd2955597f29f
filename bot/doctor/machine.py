"""What can be seen on this machine alone: names of settings, keys, catalogs, time zone, files, disk."""

import importlib.util
import os
import shutil
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url

from bot.clock import Clock
from bot.config import PREFIX, Settings, unknown_names
from bot.doctor.findings import Examination
from bot.errors import SettingWrong
from bot.i18n import _, have_catalogs, moment, number
from bot.services.templates import read_templates
from bot.setup import DEFAULT_KEYS, DEFAULT_PEPPER, key_ring
from bot.terms import Language, NoticeKind

ALMATY, ALMATY_OFFSET = "Asia/Almaty", timedelta(hours=5)  # since 2024-03-01; older zone data say +06:00
WEBHOOK_PORTS = (443, 80, 88, 8443)  # where Telegram delivers (Bot API, setWebhook)
DISK_BYTES = 1024**3

# What may have to reach somebody more than 24 hours after his last word: on WhatsApp only a template can. An alarm goes
# to staff, but it is about what nobody else would notice.
LATE_KINDS = (
    NoticeKind.WARNING,
    NoticeKind.WARNING_CHANGE,
    NoticeKind.TIP_TAKEN,
    NoticeKind.TIP_QUESTION,
    NoticeKind.TIP_ANSWER,
    NoticeKind.TIP_CLOSED,
    NoticeKind.TIP_MOVED,
    NoticeKind.TIP_JOINED,
    NoticeKind.TIP_SOLVED_ASK,
    NoticeKind.TIP_BACK_ASK,
    NoticeKind.ALARM,
)
# The rest answers a person at once, asks only whoever is there, or goes to officers and groups. QUOTE_ASK goes to a
# member of a group, and only Telegram has those: no window of 24 hours closes there.
PROMPT_KINDS = (
    NoticeKind.TIP_SENT,
    NoticeKind.LATE_REPLY,
    NoticeKind.TIP_POINT_ASK,
    NoticeKind.FILE_REFUSED,
    NoticeKind.QUOTE_ASK,
    NoticeKind.GROUP_OUTCOME,
    NoticeKind.APOLOGY,
    NoticeKind.STOPPED,
)


def check_names() -> Examination:
    found = Examination()
    known = [field.upper() for field in Settings.model_fields]
    for name in unknown_names():
        near = get_close_matches(name.removeprefix(PREFIX), known, 1, cutoff=0.7)
        if near:
            advice = _("did you mean {name}?", name=PREFIX + near[0])
        else:
            advice = _("remove it; every setting is described in .env.example")
        found.fault(_("Nobody reads the setting {name}.", name=name), advice)
    return found


def check_keys(settings: Settings) -> Examination:
    """Present, whole, readable by their owner alone."""
    found = Examination()
    advice = _("a new installation: python -m bot keys. With data already stored: put back the copy of the keys")
    for value, path in (
        (settings.secret_keys, settings.secret_keys_file or DEFAULT_KEYS),
        (settings.pepper, settings.pepper_file or DEFAULT_PEPPER),
    ):
        if value is None and not path.exists():
            found.fault(_("There is no key file {path}.", path=path), advice)
        elif value is None and path.stat().st_mode & 0o077:
            found.fault(_("Others on this machine can read the key file {path}.", path=path), f"chmod 600 {path}")
    if any(finding.advice == advice for finding in found):
        return found
    try:
        key_ring(settings)
    except SettingWrong as error:
        found.fault(_("{name} holds no whole key: 32 bytes in base64.", name=error.facts["name"]), advice)
    if not found:
        found.fine(_("The keys are in place."))
    return found


def check_catalogs() -> Examination:
    found = Examination()
    if have_catalogs():
        found.fine(_("The Kazakh and Russian catalogs are compiled."))
    else:
        found.fault(
            _("The catalogs of Kazakh and Russian are not compiled: people would read English."), "make catalogs"
        )
    return found


def check_zone(settings: Settings, clock: Clock) -> Examination:
    found = Examination()
    if importlib.util.find_spec("tzdata") is None:
        found.fault(_("The package tzdata is missing."), _("install the packages of uv.lock again: make run"))
    try:
        offset = clock.now().astimezone(ZoneInfo(ALMATY)).utcoffset()
    except ZoneInfoNotFoundError:
        offset = None
    if offset == ALMATY_OFFSET:
        local = moment(clock.now(), settings.zone)
        found.fine(_("Time zone: {zone}, it is {moment} there.", zone=settings.timezone, moment=local))
    else:
        found.fault(
            _("The time zone data of this machine are old: Asia/Almaty is not at +05:00."),
            _("set PYTHONTZPATH to an empty value, then Python takes its own data"),
        )
    return found


def check_public_url(settings: Settings) -> Examination:
    found = Examination()
    if settings.public_url is None:
        return found
    parts = urlsplit(settings.public_url)
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        what = _("The public address is this machine: only stand-in messengers can call it.")
        if settings.uses_official_host:
            found.fault(what, _("write the address under which the internet sees Korshi into KORSHI_PUBLIC_URL"))
        else:
            found.fine(what)
    elif parts.scheme != "https":
        found.fault(
            _("The public address {url} is not https: messengers do not deliver to it.", url=settings.public_url),
            _("put a web server with a certificate before Korshi and write https:// in KORSHI_PUBLIC_URL"),
        )
    elif settings.has_telegram and _port(parts) not in (None, *WEBHOOK_PORTS):
        found.fault(
            _("Telegram does not deliver to port {port}.", port=_port(parts)), _("use port 443, 80, 88 or 8443")
        )
    else:
        found.fine(_("The public address is {url}.", url=settings.public_url))
    return found


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # beyond 65535
        return 0


def check_templates(settings: Settings) -> Examination:
    """Only WhatsApp needs them: free text is closed 24 hours after a person's last word."""
    found = Examination()
    if not settings.has_whatsapp:
        return found
    path = settings.templates_file
    try:
        have = {(row["kind"], row["language"]) for row in read_templates(path)}
    except (ValueError, OSError) as error:
        found.fault(_("The file of templates cannot be read: {error}", error=error), "templates.example.toml")
        return found
    missing = [f"{kind} {lang}" for kind in LATE_KINDS for lang in Language if (kind, lang) not in have]
    if missing:
        found.fault(
            _(
                "WhatsApp templates are missing: {names}. Whoever has been silent for 24 hours will not get these.",
                names=", ".join(missing),
            ),
            _("have them approved at Twilio and enter them in {path} (docs/operating/twilio.md)", path=path),
        )
    else:
        found.fine(_("WhatsApp templates: all kinds in both languages."))
    return found


def check_disk(settings: Settings) -> Examination:
    found = Examination()
    folder = _existing(settings.media_dir)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        found.fault(
            _("The folder of files {path} cannot be written to.", path=settings.media_dir),
            _("give it to the user that runs Korshi, or change KORSHI_MEDIA_DIR"),
        )
    else:
        found.fine(_("The folder of files {path} can be written to.", path=settings.media_dir))
    url = make_url(settings.database_url)
    places = [folder, _existing(Path(url.database or "."))] if url.get_backend_name() == "sqlite" else [folder]
    free = min(shutil.disk_usage(place).free for place in places)
    gigabytes = number(round(free / 1024**3, 1))
    if free < DISK_BYTES:
        found.fault(_("Only {gigabytes} GB are free on the disk.", gigabytes=gigabytes), _("make room on the disk"))
    else:
        found.fine(_("Free on the disk: {gigabytes} GB.", gigabytes=gigabytes))
    return found


def _existing(path: Path) -> Path:
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.exists())
