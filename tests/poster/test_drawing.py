"""The page: its codes, its letters, names that are too long, pictures that are none."""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import segno
from PIL import Image

from bot.i18n import Bilingual
from bot.poster import drawing
from bot.poster.drawing import INNER, QUIET_ZONE, draw
from bot.poster.sheet import Card, Link, Sheet

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOTHING = Bilingual("", "")
TELEGRAM = Link("Telegram", "https://t.me/korshi_bot?start=p_101")
WHATSAPP = Link("WhatsApp", "https://wa.me/77000000000?text=start%20p_101")
CARD = Card(
    Bilingual("Әсел Құдайбергенқызы", "Асель Кудайбергеновна"),
    Bilingual("полиция капитаны", "капитан полиции"),
    Bilingual("Тоғай көшесі, 1", "Тугайная улица, 1"),
    Bilingual("Дс–Жм 18:00–20:00", "Пн–Пт 18:00–20:00"),
    "+7 700 000 01 01",
)
SHEET = Sheet(
    "101", Bilingual("Полиция басқармасы", "Управление полиции"), Bilingual("№ 101 учаске", "Участок № 101"), CARD,
    "+7 700 000 02 11", (TELEGRAM, WHATSAPP),
)  # fmt: skip


class Heard:
    """What a page wrote and where, in millimetres."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells: list[tuple[float, float, float, float, str]] = []
        self.rects: list[tuple[float, float, float, float]] = []
        cell, rect = drawing.FPDF.cell, drawing.FPDF.rect
        heard = self

        def note_cell(pdf: drawing.FPDF, width: float, height: float, text: str, **more: object) -> object:
            heard.cells.append((pdf.get_x(), pdf.get_y(), pdf.get_string_width(text), height, text))
            return cell(pdf, width, height, text, **more)  # type: ignore[arg-type]

        def note_rect(pdf: drawing.FPDF, x: float, y: float, w: float, h: float, **more: object) -> object:
            heard.rects.append((x, y, w, h))
            return rect(pdf, x, y, w, h, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(drawing.FPDF, "cell", note_cell)
        monkeypatch.setattr(drawing.FPDF, "rect", note_rect)

    @property
    def words(self) -> str:
        return " ".join(text for *_place, text in self.cells)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(monkeypatch)


def picture(size: tuple[int, int] = (300, 400), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 90, 160)).save(out, kind)
    return out.getvalue()


def streams(pdf: bytes) -> Iterator[bytes]:
    for packed in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(packed)
        except zlib.error:
            yield packed


def test_one_page_with_both_languages_the_kazakh_above(heard: Heard) -> None:
    pdf = draw(SHEET, AT)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    order = [
        y
        for _x, y, _w, _h, text in heard.cells
        if text in ("Сіздің учаскелік инспекторыңыз", "Ваш участковый инспектор")
    ]
    assert len(order) == 2
    assert order == sorted(order)
    for said in ("Әсел Құдайбергенқызы", "капитан полиции Асель", "102", "112", "Кезекші бөлім", "Дежурная часть",
                 "Тугайная улица, 1", "Telegram", "WhatsApp", "+7 700 000 01 01",
                 "+7 700 000 02 11"):  # fmt: skip
        assert said in heard.words, said


def test_the_fonts_have_every_kazakh_letter(caplog: pytest.LogCaptureFixture) -> None:
    letters = "ӘәІіҢңҒғҮүҰұҚқӨөҺһЁё «»–—№·₸ äğıñöşüū"
    draw(replace(SHEET, precinct=Bilingual(letters, letters), card=replace(CARD, name=Bilingual(letters, letters))), AT)
    assert "missing" not in caplog.text.casefold()


def test_the_same_sheet_is_the_same_bytes() -> None:
    assert draw(SHEET, AT) == draw(SHEET, AT)
    assert draw(SHEET, AT) != draw(SHEET, AT.replace(day=2))


@pytest.mark.parametrize("links", [(TELEGRAM,), (WHATSAPP,), (TELEGRAM, WHATSAPP)])
def test_a_code_is_large_strong_and_stands_in_white(heard: Heard, links: tuple[Link, ...]) -> None:
    pdf = draw(replace(SHEET, links=links), AT)
    codes = [(x, y, w) for x, y, w, h in dict.fromkeys(heard.rects) if w == h and 40 <= w < 75]
    assert len(codes) == len(links)
    for link, (x, y, side) in zip(links, codes, strict=True):
        code = segno.make(link.url, error="q", micro=False, boost_error=False)
        assert code.error == "Q"
        count = len(code.matrix)
        module = side / (count + 2 * QUIET_ZONE)
        assert module * count >= 35, "millimetres"
        inside = {rect for rect in heard.rects if x < rect[0] < x + side and y < rect[1] < y + side}
        drawn = [[0] * count for _row in range(count)]
        for left, top, width, _height in inside:
            row, start = round((top - y) / module) - QUIET_ZONE, round((left - x) / module) - QUIET_ZONE
            for column in range(start, start + round(width / module)):
                drawn[row][column] = 1
        assert drawn == [list(row) for row in code.matrix]
        assert link.url.encode() in pdf  # it can be pressed on a screen, too


def test_long_names_stay_inside_their_boxes(heard: Heard) -> None:
    long = "Нұрсұлтанбек-Мұхаммедәли Абдурахманбердіғалиұлы, «Жағалау және Балықшылар көшелері» шағын ауданы, " * 3
    both = Bilingual(long, long + "!")
    card = Card(both, both, both, both, "+7 700 000 01 01, " * 5, photo=picture())
    draw(Sheet("1", both, both, card, "+7 700 000 02 11 " * 3, (TELEGRAM, WHATSAPP)), AT)
    assert all(x >= 13.9 and x + width <= 14 + INNER + 0.5 for x, _y, width, _h, _t in heard.cells)
    lines = sorted((y, y + height, x, x + width, text) for x, y, width, height, text in heard.cells)
    for top, end, left, right, text in lines:
        assert end <= 297
        for other_top, _end, other_left, other_right, other in lines:
            is_beside = other_right <= left + 0.1 or other_left >= right - 0.1
            assert is_beside or other_top >= end - 0.6 or other_top <= top, (text, other)


def test_a_word_without_end_is_cut(heard: Heard) -> None:
    draw(replace(SHEET, precinct=Bilingual("Ұ" * 600, "Ы" * 600)), AT)
    assert all(x + width <= 14 + INNER + 0.5 for x, _y, width, _h, _t in heard.cells)
    assert "…" in heard.words


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_on_the_page(kind: str) -> None:
    assert b"/Subtype /Image" in draw(replace(SHEET, card=replace(CARD, photo=picture(kind=kind))), AT)
    assert b"/Subtype /Image" not in draw(SHEET, AT)


@pytest.mark.parametrize("photo", [b"", b"no picture", picture()[:90], picture((1, 1))])
def test_a_picture_that_is_none_does_not_spoil_the_page(photo: bytes) -> None:
    assert draw(replace(SHEET, card=replace(CARD, photo=photo)), AT).startswith(b"%PDF-")


def test_a_photo_loses_what_the_camera_wrote() -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "home address"
    Image.new("RGB", (30, 40)).save(out, "JPEG", exif=exif)
    pdf = draw(replace(SHEET, card=replace(CARD, photo=out.getvalue())), AT)
    assert b"home address" not in pdf
    assert all(b"home address" not in stream for stream in streams(pdf))


def test_words_are_no_markup(heard: Heard) -> None:
    draw(replace(SHEET, card=replace(CARD, name=Bilingual("**Асқар** <b>&amp;", "__Аскар__ [x](y)"))), AT)
    assert "**Асқар** <b>&amp;" in heard.words
    assert "__Аскар__ [x](y)" in heard.words


def test_the_duty_unit_stands_where_there_is_no_inspector(heard: Heard) -> None:
    desk = Card(Bilingual("Кезекші бөлім № 1", "Дежурная часть № 1"), NOTHING, NOTHING, NOTHING, "102", is_person=False)
    draw(replace(SHEET, card=desk), AT)
    assert "Сіздің кезекші бөліміңіз" in heard.words
    assert "Кезекші бөлімге жазыңыз" in heard.words
    assert "инспектор" not in heard.words.replace("инспекторыңыз", "")
