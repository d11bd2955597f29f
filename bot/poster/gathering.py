"""Posters for the command line: what is known of a precinct, links of the messengers that are on, files."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.commands import start_links, units_of
from bot.config import Settings
from bot.errors import N_, KorshiError
from bot.files import Files
from bot.i18n import Bilingual
from bot.poster.sheet import DAY_AND_NIGHT, Card, Link, Sheet, both
from bot.services.officers import OfficerView
from bot.services.territory import DeskView, PlaceView
from bot.services.unit import Unit

_ANY = "CODE"
Say = Callable[[str], None]


class NothingToOpen(KorshiError):
    msgid = N_(
        "A poster shows where to write, and no messenger is set. Set KORSHI_TELEGRAM_TOKEN or"
        " KORSHI_TWILIO_WHATSAPP_FROM and try again."
    )


class BotNameUnknown(KorshiError):
    msgid = N_("Telegram did not say the bot's name ({reason}). Check KORSHI_TELEGRAM_TOKEN and the network.")


class UnknownPrecinct(KorshiError):
    msgid = N_("There is no precinct {code}. Precincts: {codes}")


class NoPrecincts(KorshiError):
    msgid = N_("There are no precincts yet. Load the territory first: python -m bot load-territory PATH")


async def write_posters(settings: Settings, code: str | None, out: Path | None, say: Say) -> None:
    """One precinct's poster, or every precinct's where no code is given; each file is said as it is written."""
    if settings.telegram_token is None and not settings.twilio_whatsapp_from:
        raise NothingToOpen
    units = units_of(settings)
    files = Files(settings.media_dir, units, units.house.clock, settings.public_url)
    try:
        async with units.reading() as unit:
            places = _chosen(await unit.territory.precincts(), code)
            gathered = [await _gather(unit, place) for place in places]
            department = await unit.territory.department()
        photos = {officer.photo_id for officer, *_ in gathered if officer and officer.photo_id}
        portraits = {photo: await _read(files, photo) for photo in photos}
    finally:
        await units.house.database.close()
    links = await _links(settings)
    from bot.poster.drawing import draw  # the PDF library costs a quarter of a second

    name, phone = (department.name, department.phone) if department else (Bilingual("", ""), "")
    for place, (officer, desk) in zip(places, gathered, strict=True):
        card = _of_officer(officer, portraits) if officer else _of_desk(desk)
        here = [Link(link.messenger, link.url.replace(_ANY, place.code)) for link in links]
        sheet = Sheet(place.code, name, place.name, card, _legible(desk.phone or phone), here)
        path = _path(out, place.code, is_alone=code is not None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw(sheet, units.house.clock.now().astimezone(settings.zone)))
        say(str(path))


def _chosen(places: Sequence[PlaceView], code: str | None) -> Sequence[PlaceView]:
    if not places:
        raise NoPrecincts
    chosen = [place for place in places if code in (None, place.code)]
    if not chosen:
        raise UnknownPrecinct(code=code, codes=", ".join(place.code for place in places))
    return chosen


async def _gather(unit: Unit, place: PlaceView) -> tuple[OfficerView | None, DeskView]:
    return await unit.officers.inspector_of(place.id), await unit.territory.duty_desk(place.district_id)


async def _read(files: Files, photo_id: int) -> bytes | None:
    file = await files.open_file(photo_id)
    return file.content() if file and file.path else None


async def _links(settings: Settings) -> list[Link]:
    """Links with `_ANY` for the precinct: the bot's name is asked once, however many posters are made."""
    from aiogram.exceptions import AiogramError

    try:
        urls = await start_links(settings, f"p_{_ANY}")
    except AiogramError as error:
        raise BotNameUnknown(reason=type(error).__name__) from None
    return [Link("WhatsApp" if url.startswith("https://wa.me/") else "Telegram", url) for url in urls]


def _of_officer(officer: OfficerView, portraits: dict[int, bytes | None]) -> Card:
    photo = portraits.get(officer.photo_id) if officer.photo_id else None
    return Card(officer.name, officer.rank, officer.office, officer.hours, _legible(officer.phone), photo=photo)


def _of_desk(desk: DeskView) -> Card:
    return Card(desk.name, Bilingual("", ""), desk.address, both(DAY_AND_NIGHT), _legible(desk.phone), is_person=False)


def _legible(phone: str) -> str:
    """«+7 700 000 01 01» is read and dialled from a wall; a short number stays as it is."""
    digits = re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", phone)
    return f"+7 {' '.join(digits.groups())}" if digits else phone


def _path(out: Path | None, code: str, *, is_alone: bool) -> Path:
    name = f"poster-{code}.pdf"
    if is_alone:
        return Path(name) if out is None else out / name if out.is_dir() else out
    return (out or Path("posters")) / name
