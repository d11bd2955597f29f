"""The command line as a department's administrator meets it: processes, exit codes, one-line refusals."""

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from tests.stage import KEY, PEPPER

ROOT = Path(__file__).parent.parent
VILLAGE = ROOT / "tests" / "fixtures" / "territory" / "village"
HELP_CPU_SECONDS = 0.6
DEAR = ("aiogram", "aiohttp", "twilio", "fastapi", "sqlalchemy", "pydantic", "shapely")
COMMANDS = ("serve", "migrate", "keys", "load-territory", "invite", "doctor", "export")


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


def settings_of(**changes: str) -> dict[str, str]:
    """A database of its own in the folder it runs in, and no messenger."""
    values = {"database_url": "sqlite+aiosqlite:///var/korshi.db", "secret_keys": KEY, "pepper": PEPPER} | changes
    return {f"KORSHI_{name.upper()}": value for name, value in values.items()}


def process(folder: Path, *arguments: str, **settings: str) -> Done:
    """A real `python -m bot …`: its code and its two streams."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KORSHI_")}
    environment |= {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "NO_COLOR": "1"} | settings_of(**settings)
    words = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same within this process: its imports are paid once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")

    def run(*arguments: str, **settings: str) -> Done:
        done = CliRunner().invoke(app, arguments, env=settings_of(**settings))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    done = process(folder, "migrate")
    assert done.code == 0, done.err
    return folder / "var"


@pytest.fixture
def migrated(run: Run, tmp_path: Path, migrated_once: Path) -> Run:
    shutil.copytree(migrated_once, tmp_path / "var")
    return run


@pytest.fixture
def loaded(run: Run, tmp_path: Path, demo_database: Path) -> Run:
    (tmp_path / "var").mkdir()
    shutil.copy(demo_database, tmp_path / "var" / "korshi.db")
    return run


def asked(folder: Path, query: str) -> Any:
    with closing(sqlite3.connect(folder / "var" / "korshi.db")) as connection:
        return connection.execute(query).fetchone()[0]


def rows(folder: Path, table: str) -> int:
    return int(asked(folder, f"SELECT count(*) FROM {table}"))  # noqa: S608


# -- help and usage


def test_help_costs_little(tmp_path: Path) -> None:
    """The best of several: on a busy machine even CPU seconds stretch."""
    costs: list[float] = []
    while len(costs) < 24 and min(costs, default=1.0) >= HELP_CPU_SECONDS:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = process(tmp_path, "--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
        assert done.code == 0
        assert all(name in done.out for name in COMMANDS)
    assert min(costs) < HELP_CPU_SECONDS, costs


def test_help_imports_nothing_dear() -> None:
    code = f"import bot.__main__, sys; print([name for name in {DEAR!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["bot.commands", "bot.doctor"])
def test_what_commands_do_is_done_without_aiogram(module: str) -> None:
    code = f"import {module}, sys; print('aiogram' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert "Usage" in done.out


@pytest.mark.parametrize("arguments", [["nonsense"], ["invite"], ["load-territory"], ["invite", "1", "--minutes", "0"]])
def test_wrong_usage_is_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize("arguments", [["serve"], ["migrate"], ["keys"], ["load-territory", "demo"], ["invite", "1"]])
def test_a_malformed_setting_is_1_in_one_line(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, quiet_hours="late")
    assert done.code == 1
    assert done.out == ""
    assert re.fullmatch(r".*KORSHI_QUIET_HOURS.*22:00-08:00.*\n", done.err)
    assert not (tmp_path / "var").exists()


def test_exit_codes_of_real_processes(tmp_path: Path) -> None:
    assert process(tmp_path, "nonsense").code == 2
    refused = process(tmp_path, "migrate", quiet_hours="late")
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    (tmp_path / "var").mkdir()
    sick = process(tmp_path, "doctor", "--json")
    assert (sick.code, sick.err) == (1, "")
    assert json.loads(sick.out)


# -- migrate and keys


def test_migrate_again_down_and_up(migrated: Run, tmp_path: Path) -> None:
    categories = rows(tmp_path, "categories")
    assert categories > 0
    assert migrated("migrate").code == 0
    assert rows(tmp_path, "categories") == categories
    assert migrated("migrate", "base").code == 0
    with pytest.raises(sqlite3.OperationalError):
        rows(tmp_path, "categories")
    assert migrated("migrate").code == 0
    assert rows(tmp_path, "categories") == categories


def test_keys_are_made_once_for_their_owner(run: Run, tmp_path: Path) -> None:
    unset = {"secret_keys": "", "pepper": ""}
    assert run("keys", **unset).code == 0
    files = [tmp_path / "var" / name for name in ("secret_keys", "pepper")]
    before = [file.read_bytes() for file in files]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert run("keys", **unset).code == 0
    assert [file.read_bytes() for file in files] == before


def test_a_broken_key_is_refused(run: Run) -> None:
    done = run("keys", secret_keys="c2hvcnQ=")
    assert done.code == 1
    assert "KORSHI_SECRET_KEYS" in done.err
    assert "c2hvcnQ" not in done.err


# -- serve


def test_serve_refuses_an_old_schema(tmp_path: Path) -> None:
    done = process(tmp_path, "serve", port="20999")
    assert done.code == 1
    assert "python -m bot migrate" in done.err


# -- the territory


def test_the_demo_department_is_loaded(migrated: Run, tmp_path: Path) -> None:
    done = migrated("load-territory", str(ROOT / "demo"))
    assert done.code == 0, done.err
    assert [rows(tmp_path, table) for table in ("districts", "precincts", "chats")] == [3, 12, 24]


def test_a_department_may_be_loaded_again(loaded: Run, tmp_path: Path) -> None:
    done = loaded("load-territory", str(ROOT / "demo"))
    assert done.code == 0, done.err
    assert [rows(tmp_path, table) for table in ("districts", "precincts", "chats")] == [3, 12, 24]


def test_a_dry_run_writes_nothing(migrated: Run, tmp_path: Path) -> None:
    done = migrated("load-territory", "--dry-run", str(ROOT / "demo"))
    assert done.code == 0, done.err
    assert "12" in done.out
    assert rows(tmp_path, "precincts") == 0


def test_a_faulty_folder_lists_every_fault_and_writes_nothing(migrated: Run, tmp_path: Path) -> None:
    folder = tmp_path / "faulty"
    shutil.copytree(VILLAGE, folder)
    borders = json.loads((folder / "territory.geojson").read_text(encoding="utf-8"))
    precincts = [item for item in borders["features"] if item["geometry"]["type"] == "Polygon"]
    precincts[0]["geometry"]["coordinates"][0].pop()  # a ring that is not closed
    borders["features"].append(precincts[1])  # the same precinct twice
    (folder / "territory.geojson").write_text(json.dumps(borders), encoding="utf-8")
    with (folder / "officers.csv").open("a", encoding="utf-8") as file:
        file.write("broken,line\n")
    done = migrated("load-territory", str(folder))
    assert done.code == 1
    faults = done.out.strip().splitlines()
    assert sum("territory.geojson" in fault for fault in faults) >= 2, faults
    assert any("officers.csv" in fault for fault in faults), faults
    assert len(done.err.strip().splitlines()) == 1
    assert rows(tmp_path, "precincts") == 0
    assert rows(tmp_path, "officers") == 0


def test_a_folder_that_is_not_there(migrated: Run) -> None:
    assert migrated("load-territory", "nowhere").code == 1


# -- invitations and links


def test_an_officer_of_the_territory_is_invited(loaded: Run, tmp_path: Path) -> None:
    done = loaded("invite", asked(tmp_path, "SELECT badge FROM officers"))
    assert done.code == 0, done.err
    assert re.fullmatch(r"i_[\w-]{20,62}\n", done.out)
    token = done.out.strip().removeprefix("i_").encode()
    assert all(token not in file.read_bytes() for file in (tmp_path / "var").iterdir())


def test_a_new_officer_needs_role_and_names(migrated: Run, tmp_path: Path) -> None:
    refused = migrated("invite", "777001")
    assert refused.code == 1
    assert "777001" in refused.err
    named = ["--name-kk", "Айгүл Сапарова", "--name-ru", "Айгуль Сапарова"]
    assert "admin" in migrated("invite", "777001", "--role", "cook", *named).err
    assert rows(tmp_path, "officers") == 0
    assert migrated("invite", "777001", "--role", "staff", *named).code == 0
    assert rows(tmp_path, "officers") == 1


def test_poster_links_of_every_precinct(loaded: Run) -> None:
    twilio = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "x", "twilio_whatsapp_from": "+77001234567"}
    done = loaded("export", "links", public_url="http://127.0.0.1:9", **twilio)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert len(lines) == 13
    assert all("https://wa.me/77001234567?text=start%20p_" in line for line in lines[1:])


# -- doctor


def test_doctor_is_0_when_all_is_well(loaded: Run) -> None:
    done = loaded("doctor")
    assert done.code == 0, done.out
    assert "✗" not in done.out


def test_doctor_is_1_with_advice_and_speaks_to_programs(run: Run) -> None:
    done = run("doctor", "--json")
    assert done.code == 1
    findings = json.loads(done.out)
    assert {"is_fine", "what", "advice"} == set(findings[0])
    assert [finding["advice"] for finding in findings if not finding["is_fine"]] == ["python -m bot migrate"]
