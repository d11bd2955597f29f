"""WhatsApp's marks, and long words in pieces."""

import pytest
from aiogram.types import User
from aiogram.utils.formatting import (
    Bold,
    Code,
    Italic,
    Pre,
    Spoiler,
    Strikethrough,
    Text,
    TextLink,
    TextMention,
    Underline,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markup import in_pieces, whatsapp_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (Text("Сәлем"), "Сәлем"),
        (Text(Bold("№ 1001"), " · Шу"), "*№ 1001* · Шу"),
        (Text("🆘 ", Bold("102"), " 🙂"), "🆘 *102* 🙂"),
        (Text(Italic("а"), Strikethrough("б"), Code("в")), "_а_~б~```в```"),
        (Text(Pre("код", language="python")), "```код```"),
        (Text(Underline("а"), Spoiler("б")), "аб"),
        (Text(TextLink("карта", url="https://example.kz/m?a=1&b=2")), "карта (https://example.kz/m?a=1&b=2)"),
        (Text(TextMention("Айгүл", user=User(id=5, is_bot=False, first_name="А"))), "Айгүл"),
        (Text(Bold("<b> & </b>")), "*<b> & </b>*"),
        (Text(Bold(Italic("а"))), "_*а*_"),
    ],
)
def test_what_whatsapp_can_show_is_marked_and_the_rest_keeps_its_words(text: Text, shown: str) -> None:
    words, entities = text.render()
    assert whatsapp_text(words, list(entities)) == shown


def test_without_entities_nothing_is_touched() -> None:
    hostile = "<b>a</b> *b* _c_ [d](tg://user?id=1) &amp; \u202e"
    assert whatsapp_text(hostile, []) == hostile


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("қысқа", ["қысқа"]),
        ("a" * 10, ["a" * 10]),
        ("a" * 11, ["a" * 10, "a"]),
        ("aaaa aaaa bb", ["aaaa aaaa", "bb"]),
        ("aaaa\naaa bbb", ["aaaa\naaa", "bbb"]),
        ("a aaaaaaaaaaaa", ["a aaaaaaaa", "aaaa"]),
        ("a" * 10 + " \n ", ["a" * 10]),
        ("", [""]),
    ],
)
def test_long_words_are_cut_where_a_reader_would_cut(text: str, pieces: list[str]) -> None:
    assert in_pieces(text, 10) == pieces


@given(st.text(alphabet="ab \nқ🙂", max_size=400), st.integers(2, 50))
def test_no_piece_is_too_long_or_empty_and_no_letter_is_lost(text: str, limit: int) -> None:
    pieces = in_pieces(text, limit)
    assert max(map(len, pieces)) <= max(limit, 0)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() for piece in pieces) or not text.strip()
