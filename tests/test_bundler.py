"""The evidence of a tip as files: for people a PDF, for programs a JSON, nothing of them is markup or inferred."""

import io
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image

from bot.bundler import json_of, pdf_of
from bot.i18n import Bilingual
from bot.services.media import MediaView
from bot.services.tips import CategoryView, PartView, TipView, Told
from bot.services.tips.evidence import Bundle
from bot.terms import Identity, Language, Messenger, PartKind, StateType, Urgency

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
HOSTILE = "**жирный** <b>тег</b> __x__ =1+1 \u202eперевёрнуто \x00 🆘 [ссылка](http://x.test)"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def bundle(text: str = "Аударып жібердім", **facts: str) -> Bundle:
    category = CategoryView("fraud_victim", "💸", Bilingual("Ақша кетті", "Деньги ушли"), "fraud", Urgency.U1)
    parts = (
        PartView(1, PartKind.TEXT, "story", text, None, False, AT),
        PartView(2, PartKind.PHOTO, "story", "чек", 7, False, AT),
        PartView(3, PartKind.DOCUMENT, "story", "", 8, False, AT),
    )
    tip = TipView(
        id=1, number=1001, category=category, urgency=Urgency.U1, state="taken", state_name=Bilingual("Ж", "Р"),
        state_type=StateType.OPEN, identity=Identity.HIDDEN, sender="№1001-123", language=Language.KK, place="",
        point=None, precinct_id=None, officer_id=None, desk_id=1, created_at=AT, due_at=None, closed_at=None,
        outcome=None, rating=None, parts=parts, told=Told(damage=250_000),
    )  # fmt: skip
    files = (
        MediaView(7, Messenger.TELEGRAM, PartKind.PHOTO, None, "image/png", 9, "stored", b"\x01" * 32, 0),
        MediaView(8, Messenger.TELEGRAM, PartKind.DOCUMENT, None, "application/pdf", 9, "wanted", None, 0),
    )
    return Bundle(tip, facts or {"sum": "250 000", "account": "4400"}, files)


def test_json_has_every_field_as_it_was_written() -> None:
    data = json.loads(json_of(bundle(HOSTILE), AT))
    assert data["tip"] == 1001
    assert data["answers"] == {"sum": "250 000", "account": "4400"}
    assert data["damage_tenge"] == 250_000
    assert data["sender"] == "№1001-123"
    assert [message["text"] for message in data["messages"]] == [HOSTILE, "чек", ""]
    assert data["messages"][1]["file"] == {"sha256": "01" * 32, "mime": "image/png", "size": 9}
    assert data["messages"][2]["file"]["sha256"] is None


def streams(pdf: bytes) -> bytes:
    found = b""
    for piece in pdf.split(b"stream\n")[1:]:
        try:
            found += zlib.decompress(piece.split(b"\nendstream")[0])
        except zlib.error:
            continue
    return found


@pytest.mark.parametrize("text", [HOSTILE, "", "ұ" * 9000, "слово " * 2000, "\n" * 200, "a" * 5000])
def test_a_pdf_is_made_of_any_words(text: str) -> None:
    pdf = pdf_of(bundle(text), {7: picture()}, AT)
    assert pdf.startswith(b"%PDF-")
    assert b"/URI" not in pdf  # a link in the words is words
    assert b"/Subtype /Image" in pdf


def test_a_picture_that_cannot_be_read_is_left_out() -> None:
    assert b"/Subtype /Image" not in pdf_of(bundle(), {7: b"\x89PNG broken"}, AT)


def test_a_tip_without_answers_is_made_too() -> None:
    one = bundle()
    assert pdf_of(replace(one, facts={}, files=()), {}, AT).startswith(b"%PDF-")
