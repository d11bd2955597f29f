"""A poster as a PDF page: bands, a card, the codes. Long names wrap and shrink: nothing runs out of its box."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import segno
from fpdf import FPDF
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.i18n import Bilingual
from bot.poster import sheet as words
from bot.poster.sheet import Card, Link, Sheet, both

FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 14.0
INNER = WIDTH - 2 * MARGIN
QUIET_ZONE = 4
"""Modules of white around a code, as its standard wants them."""

Colour = tuple[int, int, int]
NAVY, GOLD, RED, INK, GREY, PALE, WHITE = (
    (16, 44, 87), (236, 182, 58), (178, 32, 37), (24, 28, 36), (88, 96, 110), (239, 243, 249), (255, 255, 255),
)  # fmt: skip
FAMILY = "Sans"
_LINE = 1.22 * 25.4 / 72
"""Millimetres a line needs for each point of its size."""


@dataclass(frozen=True, slots=True)
class Style:
    size: float
    is_bold: bool = False
    colour: Colour = INK
    align: str = "L"

    @property
    def line(self) -> float:
        return self.size * _LINE


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float


def draw(sheet: Sheet, made_at: datetime) -> bytes:
    """The page as PDF. The same sheet of the same moment is the same bytes."""
    return _Page(sheet, made_at).finish()


class _Page:
    def __init__(self, sheet: Sheet, made_at: datetime) -> None:
        self._sheet = sheet
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_creation_date(made_at)
        pdf.set_title(f"{sheet.precinct.kk} · {sheet.precinct.ru}")
        pdf.set_lang("kk")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
        pdf.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        pdf.add_page()

    def finish(self) -> bytes:
        self._head()
        self._card(Box(MARGIN, 67, INNER, 70))
        self._report(Box(MARGIN, 146, INNER, 105))
        self._danger(Box(0, 258, WIDTH, HEIGHT - 258))
        return bytes(self._pdf.output())

    def _head(self) -> None:
        self._fill(Box(0, 0, WIDTH, 58), NAVY)
        self._fill(Box(0, 58, WIDTH, 1.6), GOLD)
        small = Style(8.5, colour=(198, 210, 230))
        y = self._text(Box(MARGIN, 6, INNER, 4.5), self._sheet.department.kk, small)
        self._text(Box(MARGIN, y, INNER, 4.5), self._sheet.department.ru, small)
        title = both(words.OUR_INSPECTOR if self._sheet.card.is_person else words.OUR_DUTY_UNIT)
        self._text(Box(MARGIN, 17, INNER, 11), title.kk, Style(25, is_bold=True, colour=WHITE))
        self._text(Box(MARGIN, 28.5, INNER, 7), title.ru, Style(14.5, colour=WHITE))
        y = self._text(Box(MARGIN, 38.5, INNER, 10), self._sheet.precinct.kk, Style(16, is_bold=True, colour=GOLD))
        self._text(
            Box(MARGIN, max(y, 45.5), INNER, 57 - max(y, 45.5)), self._sheet.precinct.ru, Style(11.5, colour=GOLD)
        )

    def _card(self, box: Box) -> None:
        card, pad = self._sheet.card, 6.0
        self._fill(box, PALE, radius=3)
        x = box.x + pad
        if photo := _portrait(card.photo):
            frame = Box(x, box.y + pad, 43.5, box.height - 2 * pad)
            self._pdf.image(photo, frame.x, frame.y, frame.width, frame.height)
            x += frame.width + pad
        width = box.x + box.width - pad - x
        y = box.y + pad - 0.5
        y = self._text(Box(x, y, width, 5.5), card.rank.kk, Style(11, colour=GREY))
        y = self._text(Box(x, y, width, 14), card.name.kk, Style(19, is_bold=True, colour=NAVY))
        russian = " ".join(filter(None, (card.rank.ru, card.name.ru)))
        y = self._text(Box(x, y + 0.5, width, 10), russian, Style(11, colour=GREY)) + 2.5
        rows = self._rows(card)
        height = (box.y + box.height - pad + 2 - y) / max(1, len(rows))
        for label, value in rows:
            self._row(Box(x, y, width, height - 1.2), label, value)
            y += height

    def _rows(self, card: Card) -> list[tuple[Bilingual, Bilingual]]:
        place = words.OFFICE if card.is_person else words.ADDRESS
        rows = [(both(place), card.office), (both(words.HOURS), card.hours)]
        rows.append((both(words.PHONE), Bilingual(_unbroken(card.phone), "")))
        return [(label, value) for label, value in rows if value.kk or value.ru]

    def _row(self, box: Box, label: Bilingual, value: Bilingual) -> None:
        side, gap = 41.0, 3.0
        is_alone = not value.ru or value.ru == value.kk
        self._text(Box(box.x, box.y, side - gap, 5), label.kk, Style(9.5, colour=GREY))
        self._text(Box(box.x, box.y + 4.4, side - gap, 4), label.ru, Style(8, colour=GREY))
        room = Box(box.x + side, box.y, box.width - side, box.height if is_alone else box.height * 0.56)
        if is_alone:
            self._text(room, value.kk, Style(15, is_bold=True))
        else:
            y = self._text(room, value.kk, Style(10.5, is_bold=True))
            self._text(Box(room.x, y, room.width, box.y + box.height - y), value.ru, Style(9, colour=GREY))

    def _report(self, box: Box) -> None:
        title = both(words.WRITE_TO_US if self._sheet.card.is_person else words.WRITE_TO_DUTY)
        self._text(Box(box.x, box.y, INNER, 8), title.kk, Style(17, is_bold=True, colour=NAVY))
        self._text(Box(box.x, box.y + 7.8, INNER, 5), title.ru, Style(10.5, colour=GREY))
        links = self._sheet.links[:2]
        side = 70.0 if len(links) < 2 else 50.0
        top = box.y + 16
        for index, link in enumerate(links):
            self._code(Box(box.x + index * (side + 6), top, side, side), link)
        x = box.x + len(links) * (side + 6)
        if len(links) < 2:
            steps = Box(x + 2, top, box.x + box.width - x - 2, box.y + box.height - top)
            y = self._steps(Box(steps.x, steps.y, steps.width, 44), [both(step).kk for step in words.STEPS], 10.5, INK)
            self._steps(Box(steps.x, y + 2.5, steps.width, 34), [both(step).ru for step in words.STEPS], 9, GREY)
            self._text(Box(box.x, box.y + box.height - 8, INNER, 4.5), both(words.NO_CHARGE).kk, Style(9, is_bold=True))
            self._text(Box(box.x, box.y + box.height - 3.6, INNER, 4), both(words.NO_CHARGE).ru, Style(8, colour=GREY))
        else:
            self._beside_two(Box(x, top, box.x + box.width - x, box.y + box.height - top))

    def _beside_two(self, box: Box) -> None:
        y = self._steps(Box(box.x, box.y, box.width, 46), [both(step).kk for step in words.STEPS], 10, INK)
        self._steps(Box(box.x, y + 3, box.width, 38), [both(step).ru for step in words.STEPS], 8.6, GREY)
        wide = INNER - box.width - 6
        self._text(Box(MARGIN, box.y + 65, wide, 8), both(words.NO_CHARGE).kk, Style(9, is_bold=True))
        self._text(Box(MARGIN, box.y + 74, wide, 8), both(words.NO_CHARGE).ru, Style(8, colour=GREY))

    def _steps(self, box: Box, steps: Sequence[str], size: float, colour: Colour) -> float:
        """Numbered lines in one size that lets all of them fit; where they end."""
        indent = 5.5
        while (
            size > 5 and sum(self._height(step, box.width - indent, Style(size)) + 0.8 for step in steps) > box.height
        ):
            size -= 0.25
        y = box.y
        for number, step in enumerate(steps, 1):
            self._text(Box(box.x, y, indent, 6), str(number), Style(size, is_bold=True, colour=RED))
            y = (
                self._text(Box(box.x + indent, y, box.width - indent, box.height), step, Style(size, colour=colour))
                + 0.8
            )
        return y

    def _code(self, box: Box, link: Link) -> None:
        """A QR code that bears a torn corner (level Q) with its quiet zone, in vectors."""
        code = segno.make(link.url, error="q", micro=False, boost_error=False)
        rows = [bytes(row) for row in code.matrix]
        module = box.width / (len(rows) + 2 * QUIET_ZONE)
        self._fill(box, WHITE)
        self._pdf.set_fill_color(0, 0, 0)
        for down, row in enumerate(rows):
            for start, end in _dark_runs(row):
                left, top = box.x + (start + QUIET_ZONE) * module, box.y + (down + QUIET_ZONE) * module
                self._pdf.rect(left, top, (end - start) * module, module + 0.02, style="F")
        self._pdf.set_draw_color(*NAVY)
        self._pdf.set_line_width(0.5)
        self._pdf.rect(box.x, box.y, box.width, box.height, style="D", round_corners=True, corner_radius=2)
        self._pdf.link(box.x, box.y, box.width, box.height, link.url)
        caption = Box(box.x, box.y + box.height + 1.5, box.width, 6)
        self._text(caption, link.messenger, Style(12, is_bold=True, colour=NAVY, align="C"))

    def _danger(self, box: Box) -> None:
        self._fill(box, RED)
        said = both(words.DANGER)
        self._text(Box(MARGIN, box.y + 5, 58, 12), said.kk, Style(13, is_bold=True, colour=WHITE))
        self._text(Box(MARGIN, box.y + 17, 58, 8), said.ru, Style(10, colour=WHITE))
        for index, (number, whose) in enumerate((("102", words.POLICE), ("112", words.RESCUE))):
            x = 74.0 + index * 40
            self._text(Box(x, box.y + 3.5, 38, 18), number, Style(42, is_bold=True, colour=WHITE))
            y = self._text(Box(x, box.y + 21, 36, 8), both(whose).kk, Style(9, is_bold=True, colour=WHITE))
            self._text(Box(x, y + 0.5, 36, 8), both(whose).ru, Style(8, colour=WHITE))
        x = 156.0
        self._pdf.set_draw_color(*WHITE)
        self._pdf.set_line_width(0.4)
        self._pdf.line(x - 4, box.y + 6, x - 4, box.y + box.height - 8)
        duty = both(words.DUTY)
        self._text(Box(x, box.y + 5, WIDTH - MARGIN - x, 6), duty.kk, Style(11, is_bold=True, colour=WHITE))
        self._text(Box(x, box.y + 10.5, WIDTH - MARGIN - x, 5), duty.ru, Style(9, colour=WHITE))
        self._text(
            Box(x, box.y + 17, WIDTH - MARGIN - x, 7),
            _unbroken(self._sheet.duty_phone),
            Style(13, is_bold=True, colour=WHITE),
        )

    # -- boxes and words

    def _fill(self, box: Box, colour: Colour, radius: float = 0) -> None:
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(box.x, box.y, box.width, box.height, style="F", round_corners=radius > 0, corner_radius=radius)

    def _text(self, box: Box, text: str, style: Style) -> float:
        """Write inside the box, smaller if it must be; the y below the last line."""
        if not text:
            return box.y
        while style.size > 5 and self._height(text, box.width, style) > box.height + 0.01:
            style = Style(style.size - 0.25, style.is_bold, style.colour, style.align)
        self._pdf.set_text_color(*style.colour)
        self._pdf.set_xy(box.x, box.y)
        lines, room = self._lines(text, box.width, style), max(1, int((box.height + 0.01) / style.line))
        fitting = lines if len(lines) <= room else [*lines[: room - 1], f"{lines[room - 1][:-1]}…"]
        for line in fitting:
            self._pdf.set_x(box.x)
            self._pdf.cell(box.width, style.line, line, align=style.align, new_x="LMARGIN", new_y="NEXT")
        return box.y + len(fitting) * style.line

    def _height(self, text: str, width: float, style: Style) -> float:
        return len(self._lines(text, width, style)) * style.line

    def _lines(self, text: str, width: float, style: Style) -> list[str]:
        self._pdf.set_font(FAMILY, "B" if style.is_bold else "", style.size)
        return list(
            self._pdf.multi_cell(width, style.line, text, align="L", dry_run=True, output="LINES")  # type: ignore[arg-type]
        )


def _unbroken(phone: str) -> str:
    """A number is read as one: no line ends inside it."""
    return re.sub(r"(?<=\d)[ -](?=\d)", "\N{NO-BREAK SPACE}", phone)


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    runs, start = [], -1
    for at, dark in enumerate([*row, 0]):
        if dark and start < 0:
            start = at
        elif not dark and start >= 0:
            runs.append((start, at))
            start = -1
    return runs


def _portrait(photo: bytes | None) -> io.BytesIO | None:
    """The photo cut to 3:4 without what the camera wrote about it; None where it cannot be read."""
    if photo is None:
        return None
    try:
        with Image.open(io.BytesIO(photo)) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    ImageOps.fit(upright, (600, 800), centering=(0.5, 0.3)).save(out, "JPEG", quality=88)
    out.seek(0)
    return out
