"""Loading, comparing, switching and going back from the command line."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.test_command_line import ROOT, Done, Run, loaded, migrated, migrated_once, run

__all__ = ["loaded", "migrated", "migrated_once", "run"]

Edit = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def next_year(tmp_path: Path) -> Path:
    """The demo department with two precincts that changed their land."""
    folder = tmp_path / "next"
    shutil.copytree(ROOT / "demo", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / "territory.geojson"
    borders = json.loads(file.read_text(encoding="utf-8"))
    one, other = [
        next(item for item in borders["features"] if item["properties"]["code"] == code) for code in ("101", "102")
    ]
    one["geometry"], other["geometry"] = other["geometry"], one["geometry"]
    file.write_text(json.dumps(borders), encoding="utf-8")
    return folder


def everything(folder: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(folder / "var" / "korshi.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in tables}  # noqa: S608


def active(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "var" / "korshi.db")) as database:
        (row,) = database.execute("SELECT id FROM generations WHERE is_active").fetchall()
        return int(row[0])


def test_a_dry_run_shows_what_would_change_and_writes_nothing(loaded: Run, tmp_path: Path, next_year: Path) -> None:
    before = everything(tmp_path)
    done = loaded("load-territory", str(next_year), "--dry-run")
    assert done.code == 0, done.err
    assert "101" in done.out
    assert "102" in done.out
    assert everything(tmp_path) == before


def test_a_dry_run_needs_no_database(run: Run, tmp_path: Path) -> None:
    done = run("load-territory", str(ROOT / "demo"), "--dry-run")
    assert done.code == 0, done.err


def test_loading_needs_the_newest_schema(run: Run) -> None:
    done = run("load-territory", str(ROOT / "demo"))
    assert (done.code, "python -m bot migrate" in done.err) == (1, True)


def test_a_later_territory_waits_is_compared_switched_to_and_back(loaded: Run, tmp_path: Path, next_year: Path) -> None:
    first = active(tmp_path)
    done = loaded("load-territory", str(next_year))
    assert done.code == 0, done.err
    assert active(tmp_path) == first
    page = tmp_path / "page.html"
    done = loaded("territory", "compare", "--html", str(page))
    assert done.code == 0, done.err
    assert "101" in done.out
    assert "<svg" in page.read_text(encoding="utf-8")
    second = first + 1
    assert ok(loaded("territory", "activate", str(second)))
    assert active(tmp_path) == second
    assert ok(loaded("territory", "rollback"))
    assert active(tmp_path) == first
    lines = loaded("territory", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [str(second), str(first)]


def ok(done: Done) -> bool:
    return done.code == 0


def test_activate_at_once(loaded: Run, tmp_path: Path, next_year: Path) -> None:
    first = active(tmp_path)
    assert ok(loaded("load-territory", str(next_year), "--activate"))
    assert active(tmp_path) == first + 1


def test_a_single_list_is_checked_against_what_is_there(loaded: Run, tmp_path: Path) -> None:
    chats = tmp_path / "chats.csv"
    chats.write_text("telegram_id;title;precinct\n-1005;Аула;101\n", encoding="utf-8")
    assert ok(loaded("load-territory", str(chats), "--activate"))
    before = everything(tmp_path)
    chats.write_text("telegram_id;title;precinct\n-1006;Аула;999\n", encoding="utf-8")
    done = loaded("load-territory", str(chats), "--activate")
    assert done.code == 1
    assert "999" in done.out + done.err
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [("activate", "404"), ("rollback",), ("compare",), ("compare", "404")],
)
def test_what_cannot_be_done_is_one_line(loaded: Run, arguments: tuple[str, ...]) -> None:
    done = loaded("territory", *arguments)
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1


def test_the_map_of_the_active_territory(loaded: Run, tmp_path: Path) -> None:
    page = tmp_path / "maps" / "map.html"
    assert ok(loaded("export", "map", str(page)))
    text = page.read_text(encoding="utf-8")
    assert text.count('class="hue') == 12
    assert "http" not in text.replace("http-equiv", "")
