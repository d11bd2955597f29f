"""`keys reseal` and `audit verify`, as an administrator says them."""

import base64
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.commands.keys import ChainBroken, reseal, verify_audit
from bot.files import SEALED, Files
from bot.services.unit import Units
from bot.store import keys
from bot.store.audit import AuditEntry
from bot.store.tips import Tip
from tests.clocks import FakeClock
from tests.postgres import units_on
from tests.services import cast
from tests.stage import KEY, PEPPER, settings_for

NEW = base64.b64encode(b"n" * 32).decode()


@pytest.fixture
async def units(tmp_path: Path, demo_database: Path) -> Any:
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    units = units_on(f"sqlite+aiosqlite:///{tmp_path}/korshi.db", FakeClock())
    yield units
    await units.house.database.close()


async def test_the_log_holds_or_the_broken_entry_is_named(units: Units, tmp_path: Path) -> None:
    said: list[str] = []
    settings = settings_for(tmp_path, "http://127.0.0.1:1", 1)
    async with units() as unit:
        for number in range(3):
            await unit.audit.write("tip_read", subject=f"tip:{number}")
    await verify_audit(settings, said.append)
    entries = await cast.rows(units, AuditEntry)
    assert str(len(entries)) in said[0]
    async with units.house.database.writing() as session:
        await session.execute(update(AuditEntry).where(AuditEntry.id == entries[-2].id).values(action="nothing"))
    with pytest.raises(ChainBroken) as broken:
        await verify_audit(settings, said.append)
    assert broken.value.facts == {"entry": entries[-2].id}
    assert len(said) == 1


async def test_rows_and_files_are_sealed_anew_and_it_says_how_far_it_is(units: Units, tmp_path: Path) -> None:
    await cast.sent_tip(units, place="Абая, 12")
    files = Files(tmp_path / "media", units, units.house.clock, None)
    digest = await files.put(b"a photo")
    said: list[str] = []
    await reseal(settings_for(tmp_path, "http://127.0.0.1:1", 1, secret_keys=f"{NEW},{KEY}"), said.append)
    assert any(line.startswith("tips: 1 / 1") or "tips: 1" in line for line in said)
    assert said[-1].startswith("media: 1")
    keys.install(keys.KeyRing([b"n" * 32], base64.b64decode(PEPPER)))
    (tip,) = await cast.rows(units, Tip)
    assert tip.place == "Абая, 12"
    assert files.path(digest).read_bytes().startswith(SEALED)
    assert files.read(files.path(digest)) == b"a photo"
