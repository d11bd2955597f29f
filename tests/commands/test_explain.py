"""`python -m bot explain`: who holds a tip and why, of one that was sent and of one that nobody sent."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.services.unit import Units
from tests.clocks import FakeClock
from tests.postgres import units_on
from tests.services import cast
from tests.stage import KEY, PEPPER

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> Explain:
    """Exit code, what it said, what it complained about."""
    (tmp_path / "var").mkdir()
    shutil.copy(demo_database, tmp_path / "var" / "korshi.db")
    monkeypatch.chdir(tmp_path)
    settings = {
        "KORSHI_DATABASE_URL": "sqlite+aiosqlite:///var/korshi.db",
        "KORSHI_SECRET_KEYS": KEY,
        "KORSHI_PEPPER": PEPPER,
    }

    def run(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["explain", *arguments], env=settings)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return run


def tips_in(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "var" / "korshi.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM tips").fetchone()[0])


HERE = "49.80690,73.05809"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--point", HERE, "--category", "noise_night"], "✅ Участок: Точка лежит на участке"),
        (["--point", HERE, "--category", "fraud_victim"], "✅ Служба по категории: "),
        (["--point", HERE, "--category", "emergency_life", "--at", "2026-10-25T03:00:00"], "✅ Опасность: "),
        (["--point", "49.70,73.06", "--category", "noise_night"], "✅ Дежурная часть департамента: "),
        (["--address", "улица Абая 12", "--category", "noise_night"], "Дом в списке участка"),
        (["--point", HERE, "--words", "инспектор Аркабаева берёт деньги"], "✅ Конфликт интересов: "),
    ],
)
def test_a_tip_that_nobody_sent(explain: Explain, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, out, err = explain(*arguments)
    assert (code, err) == (0, "")
    assert said in out, out
    assert "▫️" in out or "Конфликт" in out
    assert "{" not in out
    assert tips_in(tmp_path) == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Укажите номер сообщения"),
        (["--point", "где-то"], "Точка не"),
        (["--point", "1,2,3"], "Точка не"),
        (["--point", HERE, "--category", "witchcraft"], "witchcraft"),
        (["--address", "улица Которой Нет 999"], "Адрес неод"),
        (["777"], "Сообщения с так"),
    ],
)
def test_what_it_cannot_explain_is_1_in_one_line(explain: Explain, arguments: list[str], complaint: str) -> None:
    code, out, err = explain(*arguments)
    assert (code, out) == (1, "")
    assert complaint in err
    assert len(err.strip().splitlines()) == 1


async def sent(folder: Path, *texts: str) -> None:
    units: Units = units_on(f"sqlite+aiosqlite:///{folder}/var/korshi.db", FakeClock())
    async with units() as unit:
        for text in texts:
            await cast.submit(unit, await cast.resident(unit), parts=[cast.words(text)])
    await units.house.database.close()


async def test_a_tip_that_was_sent_and_one_that_only_own_security_may_know_of(tmp_path: Path, explain: Explain) -> None:
    await sent(tmp_path, "Музыка после полуночи", "Капитан Тогайбаев берёт деньги")
    ordinary, complaint = await run_in_thread(explain, "1001"), await run_in_thread(explain, "1002")
    assert ordinary[0] == 0
    assert "Сообщение № 1001" in ordinary[1]
    assert "✅ Участок: " in ordinary[1]
    assert (complaint[0], complaint[1]) == (1, "")
    assert "Сообщения с так" in complaint[2]


async def run_in_thread(explain: Explain, *arguments: str) -> tuple[int, str, str]:
    """The command has an event loop of its own."""
    return await asyncio.to_thread(explain, *arguments)
