"""Contact cards as files: every number of them is seen, whatever is done to hide one."""

import base64
import random
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bot.services.register import LARGEST_CARD, Card, Claim, Finding, is_card, read_card
from bot.services.register.cards import LONGEST_VALUE, MOST_NUMBERS, UNREAD
from bot.services.unit import Units
from tests.services import cast

HIS = "+7 700 000 01 01"  # the inspector's of the demo's first precinct
OTHER = "+7 999 000 00 00"


def card(*lines: str, end: str = "\r\n") -> bytes:
    return end.join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", "")).encode()


def printed(text: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    ("content", "numbers", "name"),
    [
        (card("FN:Аскар", f"TEL;TYPE=CELL:{HIS}"), (HIS,), "Аскар"),
        (card("N:Тогайбаев;Аскар;;;", f"TEL:{HIS}", end="\n"), (HIS,), "Аскар Тогайбаев"),
        (card(f"item1.TEL;waid=77000000101:{HIS}", "item1.X-ABLabel:Ұялы"), (HIS, "+77000000101"), ""),
        (card(f"tel:{HIS}", "fn:Аскар"), (HIS,), "Аскар"),
        (card("TEL;VALUE=uri:tel:+7-700-000-01-01"), ("+7-700-000-01-01",), ""),
        (card("TEL;VALUE=uri;TYPE=\"cell:voice\":tel:+7%20700%20000%2001%2001"), (HIS,), ""),
        # folded, in the ways of every version
        (card("TEL;TYPE=CE", " LL:+7 700 00", " 0 01 01"), (HIS,), ""),
        (card("FN:Ас", "\tкар"), (), "Аскар"),
        (card(f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{printed('Аскар Тог')}=", printed("айбаев")), (),
         "Аскар Тогайбаев"),
        # alphabets and escapes
        ("﻿".encode() + card(f"TEL:{HIS}"), (HIS,), ""),
        (card("FN:Аскар").decode().encode("cp1251"), (), "Аскар"),
        (card("FN;CHARSET=WINDOWS-1251;ENCODING=QUOTED-PRINTABLE:=C0=F1=EA=E0=F0"), (), "Аскар"),
        (card("FN;CHARSET=UTF-7:Аскар"), (), "Аскар"),
        (card("FN:Тогайбаев\\, Аскар\\nучасковый"), (), "Тогайбаев, Аскар учасковый"),
        (card(f"TEL;ENCODING=b:{base64.b64encode(HIS.encode()).decode()}"), (HIS,), ""),
        (card(f"TEL;BASE64:{base64.b64encode(HIS.encode()).decode()}"), (HIS,), ""),
        (card("TEL;ENCODING=b:+7 700 000 01 0"), ("?",), ""),
        # nothing else of it
        (card(f"TEL:{HIS}", "PHOTO;ENCODING=b:AAAA", " BBBB", "NOTE:тайна", "ORG:102", "NICKNAME:x"), (HIS,), ""),
    ],
)  # fmt: skip
def test_numbers_and_a_name(content: bytes, numbers: tuple[str, ...], name: str) -> None:
    assert read_card(content) == Card(numbers, name)


@pytest.mark.parametrize(
    "content",
    [b"", b"TEL:+77000000101", b"%PDF-1.4", card(), card("NOTE:+77000000101"), card("TEL:", "FN: "), b"\xff\xfe" * 40,
     "BEGIN:VCARD\r\nTEL:1".encode("utf-16")],
)  # fmt: skip
def test_what_is_no_card(content: bytes) -> None:
    assert read_card(content) is None


@pytest.mark.parametrize("mime", ["text/vcard", "text/x-vcard", "TEXT/X-VCARD; charset=utf-8", "text/directory"])
def test_what_messengers_call_a_card(mime: str) -> None:
    assert is_card(mime)
    assert not is_card(f"x{mime}")
    assert not is_card(None)


HIDDEN = [
    ("a second number", card(f"TEL:{HIS}", f"TEL:{OTHER}")),
    ("the number WhatsApp would write to", card(f"TEL;waid=79990000000:{HIS}")),
    ("a quoted one", card(f'TEL;waid="79990000000":{HIS}')),
    ("in a second card", card(f"TEL:{HIS}") + card(f"TEL:{OTHER}")),
    ("with another end of line", card(f"TEL:{HIS}\rTEL:{OTHER}")),
    ("behind a blank", card(f"TEL:{HIS}", "X:", f"  TEL:{OTHER}")),
    ("under a group", card(f"TEL:{HIS}", f"a-1.TEL;TYPE=x:{OTHER}")),
    ("in one line", card(f"TEL:{HIS} {OTHER}")),
    ("far in one line", card(f"TEL:{HIS}{' ' * LONGEST_VALUE}{OTHER}")),
    ("folded away", card(f"TEL:{HIS}", f" {OTHER}")),
    ("encoded", card(f"TEL:{HIS}", f"TEL;ENCODING=QUOTED-PRINTABLE:{printed(OTHER)}")),
    ("behind a soft end", card(f"TEL;ENCODING=QUOTED-PRINTABLE:{HIS}=", OTHER)),
    ("in base64", card(f"TEL:{HIS}", f"TEL;ENCODING=BASE64:{base64.b64encode(OTHER.encode()).decode()}")),
    ("unreadable", card(f"TEL:{HIS}", "TEL:сұраңыз")),
    ("behind many spellings", card(*(f"TEL:{HIS}{' ' * n}." for n in range(MOST_NUMBERS)), f"TEL:{OTHER}")),
    ("behind a portrait", card(f"TEL:{HIS}", "PHOTO:" + "A" * 200_000, f"TEL:{OTHER}")),
]


@pytest.mark.parametrize("content", [content for _how, content in HIDDEN], ids=[how for how, _content in HIDDEN])
async def test_his_number_beside_another_is_never_a_yes(units: Units, content: bytes) -> None:
    found = read_card(content)
    assert found is not None
    async with units.reading() as unit:
        verdict = await unit.register.check(Claim(phones=found.numbers, name=found.name))
    assert verdict.finding in (Finding.SIMILAR, Finding.NO)
    assert verdict.officer is None


@pytest.mark.parametrize(
    "lines",
    [
        (f"TEL:{HIS}",), (f"TEL;waid=77000000101:{HIS}",), (f"TEL:{HIS}", "TEL:8 (700) 000-01-01", "FN:Участковый"),
        tuple(f"TEL;TYPE=x{n}:{HIS}" for n in range(3 * MOST_NUMBERS)),
    ],
)  # fmt: skip
async def test_his_number_alone_is(units: Units, lines: tuple[str, ...]) -> None:
    found = read_card(card(*lines))
    assert found is not None
    async with units.reading() as unit:
        verdict = await unit.register.check(Claim(phones=found.numbers, name=found.name))
        assert verdict.finding is Finding.YES
        assert verdict.officer == await cast.officer(unit, cast.ASKAR)


async def test_a_card_of_somebody_else(units: Units) -> None:
    async with units.reading() as unit:
        for numbers, name, finding in (((OTHER,), "Такси", Finding.NO), ((OTHER,), "Аскар Тогайбаев", Finding.SIMILAR),
                                       ((UNREAD,), "Такси", Finding.NO), ((), "Аскар Тогайбаев", Finding.NAMED)):  # fmt: skip
            assert (await unit.register.check(Claim(phones=numbers, name=name))).finding is finding


# -- hostile ones

FILLED: dict[str, Callable[[int], bytes]] = {
    "folds": lambda size: card("TEL:1" + "\r\n 2" * (size // 4)),
    "soft ends": lambda size: card("FN;QUOTED-PRINTABLE:" + "=\r\n" * (size // 3)),
    "long parameters": lambda size: card("TEL;QUOTED-PRINTABLE;" + "x" * (size // 2) + "\r\n 1" * (size // 8)),
    "quotation marks": lambda size: card("TEL;" + '"' * (size - 1) + ":1"),
    "no colon": lambda size: card("TEL;" + "a" * size),
    "semicolons": lambda size: card("N:" + ";" * size),
    "backslashes": lambda size: card("FN:" + "\\" * size),
    "numbers": lambda size: card(*(f"TEL:{n}" for n in range(size // 12))),
    "dots": lambda size: card("a." * (size // 2)),
    "groups": lambda size: card("-" * size + "TEL:1"),
    "one line": lambda size: card("PHOTO:" + "A" * size),
    "equals": lambda size: card("FN;ENCODING=QUOTED-PRINTABLE:" + "=" * size),
}


def steps(content: bytes) -> int:
    """Lines of the parser that are run: what grows faster than the card would let a stranger hold the program up."""
    count = 0

    def trace(frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        if "register/cards" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read_card(content)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("how", FILLED)
def test_a_card_twice_as_large_is_twice_the_work(how: str) -> None:
    small, large = (steps(FILLED[how](size)) for size in (4_000, 16_000))
    assert large <= 5 * small + 100


@pytest.mark.parametrize("how", FILLED)
def test_the_largest_card_keeps_little(how: str) -> None:
    content = FILLED[how](LARGEST_CARD - 200)
    assert len(content) <= LARGEST_CARD
    found = read_card(content)
    if found is not None:
        assert len(found.numbers) <= MOST_NUMBERS + 1
        assert all(len(number) <= LONGEST_VALUE for number in found.numbers)
        assert len(found.name) <= LONGEST_VALUE


def test_a_larger_one_is_not_read() -> None:
    assert read_card(card(f"TEL:{HIS}", "PHOTO:" + "A" * LARGEST_CARD)) is None


def test_any_bytes_are_read_or_not() -> None:
    chance = random.Random(3)
    whole = card("FN:Аскар", f"TEL;waid=77000000101:{HIS}", f"N;ENCODING=QUOTED-PRINTABLE:{printed('Аскар;')}")
    for _time in range(2_000):
        spoilt = bytearray(whole)
        for _place in range(chance.randint(1, 6)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        found = read_card(bytes(spoilt))
        assert found is None or all(re.search(r"\S", number) for number in found.numbers)
