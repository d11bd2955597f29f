"""`export poster` on the demo department: files, refusals, what is shown of whom."""

import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from bot.__main__ import app
from bot.poster import Sheet, drawing
from bot.store import keys
from tests.stage import KEY, PEPPER

WHATSAPP = {
    "twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "x", "twilio_whatsapp_from": "+77001234567",
    "public_url": "https://korshi.example.kz",
}  # fmt: skip


class Town:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn: list[Sheet] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(drawing, "draw", self._draw)

    def _draw(self, sheet: Sheet, _made_at: Any) -> bytes:
        self.drawn.append(sheet)
        return b"%PDF-"

    def __call__(self, *words: str, **settings: str) -> Any:
        base = {"database_url": "sqlite+aiosqlite:///var/korshi.db", "secret_keys": KEY, "pepper": PEPPER}
        for name, value in (base | settings).items():
            self._monkeypatch.setenv(f"KORSHI_{name.upper()}", value)
        return CliRunner().invoke(app, ["export", "poster", *words])


@pytest.fixture
def town(tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch, key_ring: keys.KeyRing) -> Town:
    for name in [name for name in os.environ if name.startswith("KORSHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    shutil.copy(demo_database, tmp_path / "var" / "korshi.db")
    return Town(monkeypatch)


def test_one_precinct(town: Town) -> None:
    done = town("101", **WHATSAPP)
    assert done.exit_code == 0, done.output
    assert Path("poster-101.pdf").exists()
    (sheet,) = town.drawn
    assert [link.url for link in sheet.links] == ["https://wa.me/77001234567?text=start%20p_101"]
    assert sheet.card.is_person
    assert (sheet.card.name.kk, sheet.card.rank.ru) == ("Асқар Тоғайбаев", "капитан полиции")
    assert sheet.duty_phone


def test_where_it_is_written(town: Town) -> None:
    assert town("101", "--out", "a/b.pdf", **WHATSAPP).exit_code == 0
    assert Path("a/b.pdf").exists()
    assert town("101", "--out", "a", **WHATSAPP).exit_code == 0
    assert Path("a/poster-101.pdf").exists()


def test_every_precinct(town: Town) -> None:
    done = town("--all", "--out", "sheets", **WHATSAPP)
    assert done.exit_code == 0, done.output
    assert len(list(Path("sheets").iterdir())) == 12
    assert len({sheet.links[0].url for sheet in town.drawn}) == 12
    assert len(done.output.splitlines()) == 12


def test_without_a_messenger_it_says_what_to_set(town: Town) -> None:
    done = town("101")
    assert done.exit_code == 1
    assert "KORSHI_TELEGRAM_TOKEN" in done.output
    assert "KORSHI_TWILIO_WHATSAPP_FROM" in done.output
    assert town.drawn == []


def test_without_a_network_it_says_so_and_keeps_the_token(town: Town) -> None:
    token = "123456:" + "A" * 35
    done = town("101", telegram_token=token, telegram_api_url="http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "TelegramNetworkError" in done.output
    assert token not in done.output
    assert town.drawn == []


def test_a_precinct_that_is_not_there(town: Town) -> None:
    done = town("../../etc", **WHATSAPP)
    assert done.exit_code == 1
    assert "101, 102" in done.output
    assert town.drawn == []


@pytest.mark.parametrize("words", [(), ("101", "--all")])
def test_one_or_all_but_not_both(town: Town, words: tuple[str, ...]) -> None:
    assert town(*words, **WHATSAPP).exit_code == 2


def test_the_duty_unit_where_the_inspector_is_gone(town: Town) -> None:
    with closing(sqlite3.connect("var/korshi.db")) as database, database:
        database.execute("DELETE FROM duties WHERE precinct_id = (SELECT id FROM precincts WHERE code = '101')")
    done = town("101", **WHATSAPP)
    assert done.exit_code == 0, done.output
    (sheet,) = town.drawn
    assert not sheet.card.is_person
    assert sheet.card.phone == sheet.duty_phone == "+7 700 000 02 11"
    assert sheet.card.hours.kk


def test_the_photo_of_the_inspector(town: Town) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 80)).save(picture, "PNG")
    digest = hashlib.sha256(picture.getvalue())
    path = Path("var/media") / digest.hexdigest()[:2] / digest.hexdigest()
    with closing(sqlite3.connect("var/korshi.db")) as database, database:
        database.execute(
            "INSERT INTO media (id, messenger, kind, mime, size, state, reason, digest, attempts, due_at, created_at)"
            " VALUES (7, 'whatsapp', 'photo', 'image/png', 1, 'stored', '', ?, 0, 0, 0)",
            [digest.digest()],
        )
        database.execute("UPDATE officers SET photo_id = 7 WHERE badge = 'A-1001'")
    assert town("101", **WHATSAPP).exit_code == 0
    assert town.drawn[-1].card.photo is None, "the shelf has lost it"
    path.parent.mkdir(parents=True)
    path.write_bytes(picture.getvalue())
    assert town("101", **WHATSAPP).exit_code == 0
    assert town.drawn[-1].card.photo == picture.getvalue()


def test_the_command_line_stays_light() -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import bot.__main__, sys; print([n for n in ('fpdf', 'segno', 'PIL') if n in sys.modules])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert bare.stdout.strip() == "[]"
