"""Evidence of a tip as two files, one to read and one for programs; made outside any unit, in a thread."""

import asyncio
import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bot.files import Files
from bot.i18n import Bilingual, _, speaking
from bot.services.tips.evidence import Bundle, Wanted
from bot.services.unit import Units
from bot.speech.money import NAMES
from bot.store.keys import KeyWrong
from bot.terms import Language

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
PICTURES = ("image/jpeg", "image/png")
FONTS = Path(__file__).parent / "poster" / "fonts"
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


class Bundler:
    """Makes what holders have asked for. The request is a row: a crash loses none."""

    def __init__(self, units: Units, files: Files) -> None:
        self._units, self._files = units, files
        self._bell = asyncio.Event()
        units.on("media", self._bell.set)

    async def run(self) -> None:
        while True:
            self._bell.clear()
            await self.step()
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def step(self) -> None:
        async with self._units.reading() as unit:
            wanted = await unit.tips.wanted_bundles()
        for item in wanted:
            try:
                await self._make(item)
            except Exception:  # one that cannot be made must not stop the others
                log.exception("bundler.failed", media=item.media_id)
                async with self._units() as unit:
                    await unit.shelf.refuse(item.media_id, "failed")

    async def _make(self, item: Wanted) -> None:
        async with self._units.reading() as unit:
            bundle = await unit.tips.bundle(item.tip_id)
        now = self._units.house.clock.now()
        if item.is_pdf:
            pictures = await read_pictures(bundle, self._files)
            content = await asyncio.to_thread(pdf_of, bundle, pictures, now.astimezone(self._units.house.zone))
        else:
            content = json_of(bundle, now)
        digest = await self._files.put(content)
        async with self._units() as unit:
            await unit.tips.bundle_made(item, digest, len(content))


async def read_pictures(bundle: Bundle, files: Files) -> dict[int, bytes]:
    """Those of the shelf that can be drawn, by the id of their file."""
    found: dict[int, bytes] = {}
    for media in bundle.files:
        if media.digest is None or media.mime not in PICTURES:
            continue
        try:
            found[media.id] = await asyncio.to_thread(files.read, files.path(media.digest))
        except (OSError, KeyWrong):
            continue
    return found


def json_of(bundle: Bundle, made_at: datetime) -> bytes:
    """For programs: everything as it was written, nothing inferred."""
    tip, files = bundle.tip, {media.id: media for media in bundle.files}

    def file(media_id: int | None) -> Mapping[str, Any] | None:
        media = files.get(media_id or 0)
        if media is None:
            return None
        return {"sha256": media.digest.hex() if media.digest else None, "mime": media.mime, "size": media.size}

    data = {
        "tip": tip.number,
        "made_at": made_at.isoformat(),
        "received_at": tip.created_at.isoformat(),
        "category": tip.category.code,
        "sender": tip.sender,
        "place": tip.place or None,
        "point": list(tip.point) if tip.point else None,
        "damage_tenge": tip.told.damage if tip.told else None,
        "answers": dict(bundle.facts),
        "messages": [
            {
                "at": part.created_at.isoformat(),
                "by": "officer" if part.by_officer else "sender",
                "kind": part.kind.value,
                "text": part.text,
                "file": file(part.media_id),
            }
            for part in tip.parts
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2).encode()


def pdf_of(bundle: Bundle, pictures: Mapping[int, bytes], made_at: datetime) -> bytes:
    """To read and to print, in both languages. Words of the sender are words: nothing in them is markup."""
    from fpdf import FPDF  # the library costs a quarter of a second

    tip, zone = bundle.tip, made_at.tzinfo
    pdf = FPDF(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_title(f"№ {tip.number}")
    pdf.set_margin(16)
    pdf.set_auto_page_break(True, 16)
    pdf.add_font("Sans", "", FONTS / "DejaVuSans.ttf")
    pdf.add_font("Sans", "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()

    def line(text: str, *, bold: bool = False, size: float = 10) -> None:
        pdf.set_font("Sans", "B" if bold else "", size)
        pdf.multi_cell(0, size * 0.5, _plain(text) or " ", new_x="LMARGIN", new_y="NEXT", markdown=False)

    def pair(name: Bilingual, value: object) -> None:
        line(f"{name.kk} / {name.ru}", bold=True, size=8.5)
        line(str(value))
        pdf.ln(1.5)

    line(f"№ {tip.number}", bold=True, size=16)
    line(f"{tip.category.name.kk} / {tip.category.name.ru}", size=11)
    pdf.ln(2)
    for name, value in _heads(bundle, made_at):
        pair(name, value)
    for part in tip.parts:
        at = part.created_at.astimezone(zone)
        line(f"{at:%d.%m.%Y %H:%M} · {_who(by_officer=part.by_officer)}", bold=True, size=8.5)
        if part.text:
            line(part.text)
        media = next((media for media in bundle.files if media.id == part.media_id), None)
        if media is not None:
            line(f"{media.mime or media.kind.value} · SHA-256 {media.digest.hex() if media.digest else '–'}", size=7)
            if media.id in pictures:
                _draw(pdf, pictures[media.id])
        pdf.ln(2)
    return bytes(pdf.output())


def _heads(bundle: Bundle, made_at: datetime) -> list[tuple[Bilingual, object]]:
    tip = bundle.tip
    heads: list[tuple[Bilingual, object]] = [
        (both("Received"), f"{tip.created_at.astimezone(made_at.tzinfo):%d.%m.%Y %H:%M}"),
        (both("From"), tip.sender),
    ]
    if tip.place:
        heads.append((both("Place of the event"), tip.place))
    if tip.told and tip.told.damage is not None:
        heads.append((both("Damage"), f"{tip.told.damage} ₸"))
    heads += [(both(NAMES[name]), value) for name, value in bundle.facts.items() if name in NAMES]
    return heads


def _who(*, by_officer: bool) -> str:
    name = both("Officer") if by_officer else both("Sender")
    return f"{name.kk} / {name.ru}"


def both(msgid: str) -> Bilingual:
    with speaking(Language.KK):
        kk = _(msgid)
    with speaking(Language.RU):
        return Bilingual(kk, _(msgid))


def _plain(text: str) -> str:
    """Without what cannot be seen: it would turn or hide other words."""
    return _UNSEEN.sub("", text)


def _draw(pdf: Any, picture: bytes) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            width, height = image.size
            shown = min(pdf.epw, 150.0, 220.0 * width / max(1, height))
            pdf.image(image, w=shown)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return
