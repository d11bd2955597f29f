"""Officers: their one place, their name at Telegram, their portrait."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.services.territory_files import read_department
from tests.services.territory_files.village import VILLAGE, change, faults_of, only_fault

HEADING = "badge;name_kk;name_ru;role;precinct;desk\n"


def picture(kind: str, side: int = 8) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), (1, 2, 3)).save(out, kind)
    return out.getvalue()


def test_an_officer_with_a_face_and_a_name_at_telegram() -> None:
    officer = read_department(VILLAGE).officers[0]
    assert officer.username == "aray_samalova"
    assert officer.photo is not None
    assert (officer.photo.mime, officer.photo.content[:4]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "said", ["Aray_Samalova", "@aray_samalova", "https://t.me/Aray_Samalova", "t.me/aray_samalova"]
)
def test_a_name_at_telegram_in_any_form(village: Path, said: str) -> None:
    change(village / "officers.csv", "@Aray_Samalova", said)
    assert read_department(village).officers[0].username == "aray_samalova"


@pytest.mark.parametrize("said", ["@ab", "Арай", "@aray samalova", "1aray", "https://evil.example/aray"])
def test_what_is_no_name_at_telegram(village: Path, said: str) -> None:
    change(village / "officers.csv", "@Aray_Samalova", said)
    assert "not a Telegram name" in only_fault(village).msgid


def test_one_name_at_telegram_for_two(village: Path) -> None:
    change(village / "officers.csv", "desk;cyberpol;;;", "desk;cyberpol;;ARAY_SAMALOVA;")
    assert only_fault(village).facts == {"value": "@aray_samalova", "other": 2}


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_portrait_is_judged_by_its_content(village: Path, kind: str) -> None:
    (village / "photos" / "aray.png").write_bytes(picture(kind))
    photo = read_department(village).officers[0].photo
    assert photo is not None
    assert photo.mime == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"%PDF-1.4", picture("GIF"), picture("PNG")[:40], picture("JPEG", 64)[:300],
        picture("PNG", 9000),
    ],
)  # fmt: skip
def test_what_is_no_portrait(village: Path, content: bytes) -> None:
    (village / "photos" / "aray.png").write_bytes(content)
    fault = only_fault(village)
    assert (fault.line, fault.facts["value"]) == (2, "aray.png")
    assert "not a whole JPEG or PNG" in fault.msgid


def test_a_portrait_that_is_too_large_or_not_there(village: Path) -> None:
    (village / "photos" / "aray.png").write_bytes(picture("JPEG") + bytes(5 * 2**20))
    assert "larger than {limit} MB" in only_fault(village).msgid
    (village / "photos" / "aray.png").unlink()
    assert "no photo “{value}”" in only_fault(village).msgid


@pytest.mark.parametrize("name", ["../department.toml", "/etc/passwd", "..\\x.png", "a/b.png", ".", ".."])
def test_a_portrait_from_elsewhere(village: Path, name: str) -> None:
    change(village / "officers.csv", "aray.png", name)
    assert "not a file name" in only_fault(village).msgid


def test_precinct_and_desk_in_columns_of_their_own(village: Path) -> None:
    (village / "officers.csv").write_text(
        HEADING + "A-1;А;А;inspector;1;\nA-2;Б;Б;desk;;cyberpol\nA-3;В;В;duty;;duty\nA-4;Г;Г;staff;;\n",
        encoding="utf-8",
    )
    officers = read_department(village).officers
    assert [(one.precinct, one.desk) for one in officers] == [
        ("1", None), (None, "cyberpol"), (None, "duty"), (None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A-9;А;А;inspector;1;duty", "one place"),
        ("A-9;А;А;inspector;;", "column {column} is empty"),
        ("A-9;А;А;inspector;;duty", "no precinct"),
        ("A-9;А;А;duty;1;", "no desk"),
        ("A-9;А;А;duty;;own", "no desk"),
        ("A-9;А;А;head;1;", "has no place"),
    ],
)
def test_a_place_that_does_not_fit(village: Path, line: str, words: str) -> None:
    for name in ("absences", "watches"):
        (village / f"{name}.csv").unlink()
    (village / "officers.csv").write_text(HEADING + line + "\n", encoding="utf-8")
    assert words in only_fault(village).msgid


def test_telegram_numbers_of_officers_are_for_demos_only(village: Path) -> None:
    change(village / "department.toml", "demo = true", "demo = false")
    (village / "residents.csv").unlink()
    fault = only_fault(village)
    assert (fault.file, "officers' Telegram numbers" in fault.msgid) == ("officers.csv", True)
    lines = (village / "officers.csv").read_text(encoding="utf-8")
    (village / "officers.csv").write_text(lines.replace("2001", "").replace("2003", "").replace("2004", ""), "utf-8")
    assert not read_department(village).officers[0].telegram_id


def test_all_faults_of_a_line_at_once(village: Path) -> None:
    change(village / "officers.csv", "captain", "kapitan")
    change(village / "officers.csv", "aray.png", "aray.jpg")
    change(village / "officers.csv", "+7 700 000 01 01", "звоните")
    assert [fault.line for fault in faults_of(village)] == [2, 2, 2]
