"""Tables for other programs."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands.exports import NoEvidence, csv_lines, evidence, misroutes
from bot.services.tips import Destination
from bot.store.audit import AuditEntry
from bot.store.tips import Category, Tip
from tests.clocks import FakeClock
from tests.postgres import units_on
from tests.services import cast
from tests.stage import settings_for


@pytest.mark.parametrize("cell", ["=1+1", "+7700", "-5", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    (row,) = csv.reader(csv_lines([[cell, "шум", 5]]) or [""], delimiter=";")
    assert row[0].startswith("'")
    assert row[1:] == ["шум", "5"]


def test_a_semicolon_and_a_quote_stay_inside_their_cell() -> None:
    (row,) = csv.reader(csv_lines([['а;"б"', "в"]]), delimiter=";")
    assert row == ['а;"б"', "в"]


@pytest.fixture
async def settings(tmp_path: Path, demo_database: Path) -> Any:
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    settings = settings_for(tmp_path, "http://127.0.0.1:1", 1)
    units = units_on(settings.database_url, FakeClock(datetime.now(UTC) - timedelta(days=3)))
    async with units() as unit:
        (await unit._session.get_one(Category, "noise_night")).name_ru = "=cmd"
    tips = [await cast.sent_tip(units) for _ in range(5)]
    async with units() as unit:
        to = Destination(await cast.precinct_id(unit, "102"))
        await unit.tips.hand_over(await cast.officer(unit, cast.ASKAR), tips[0], "other_precinct", to)
    await units.house.database.close()
    return settings


async def test_misroutes_by_category_and_border(settings: Any) -> None:
    rows = list(csv.reader(await misroutes(settings, None), delimiter=";"))
    assert rows[0] == ["what", "name_kk", "name_ru", "tips", "moved", "percent"]
    assert rows[1] == ["all", "", "", "5", "1", "20.0"]
    assert ["category", "Түнгі шу", "'=cmd", "5", "1", "20.0"] in rows
    assert [row[0] for row in rows[2:]] == ["category", "border", "silence"]
    assert rows[4][1] != rows[4][2]  # the rung by its name in either language


async def test_since_a_day(settings: Any) -> None:
    rows = list(csv.reader(await misroutes(settings, date(2100, 1, 1)), delimiter=";"))
    assert rows[1] == ["all", "", "", "0", "0", ""]


def test_a_day_that_is_none_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["export", "misroutes", "--since", "вчера"]).exit_code == 2


async def test_the_evidence_of_a_tip_is_two_files_of_their_owner(settings: Any, tmp_path: Path) -> None:
    units = units_on(settings.database_url, FakeClock())
    tip_id = await cast.sent_tip(units, "fraud_victim", evidence={"sum": "250 000"})
    (tip,) = await cast.rows(units, Tip, Tip.id == tip_id)
    said: list[str] = []
    await evidence(settings, tip.number, tmp_path / "out", said.append)
    assert said == [str(tmp_path / "out" / f"evidence-{tip.number}.{suffix}") for suffix in ("pdf", "json")]
    pdf, data = (Path(path) for path in said)
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert json.loads(data.read_text(encoding="utf-8"))["answers"] == {"sum": "250 000"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (pdf, data))
    (entry,) = await cast.rows(units, AuditEntry, AuditEntry.subject == f"tip:{tip_id}")
    assert (entry.action, entry.officer_id) == ("evidence.exported", None)
    await units.house.database.close()


async def test_evidence_of_no_tip_is_refused(settings: Any, tmp_path: Path) -> None:
    with pytest.raises(NoEvidence):
        await evidence(settings, 999_999, tmp_path, print)
