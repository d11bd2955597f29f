"""The log of actions shows every change of itself."""

import pytest
from sqlalchemy import delete, update

from bot.services import audit
from bot.services.unit import Units
from bot.store.audit import AuditEntry
from tests.services import cast


async def written(units: Units, count: int = 5) -> list[int]:
    async with units() as unit:
        by = await cast.officer(unit, cast.ASKAR)
        for number in range(count):
            await unit.audit.write("tip_read", by=by, subject=f"tip:{number}", reason="Тексеру")
    return [entry.id for entry in await cast.rows(units, AuditEntry)][-count:]


async def first_broken(units: Units) -> int | None:
    async with units.reading() as unit:
        return await unit.audit.first_broken()


async def test_an_untouched_log_is_whole(units: Units) -> None:
    await written(units)
    assert await first_broken(units) is None


async def test_a_changed_entry_is_named(units: Units) -> None:
    ids = await written(units)
    async with units.house.database.writing() as session:
        await session.execute(update(AuditEntry).where(AuditEntry.id == ids[2]).values(subject="tip:99"))
    assert await first_broken(units) == ids[2]


async def test_a_removed_entry_is_named_by_the_next(units: Units) -> None:
    ids = await written(units)
    async with units.house.database.writing() as session:
        await session.execute(delete(AuditEntry).where(AuditEntry.id == ids[2]))
    assert await first_broken(units) == ids[3]


async def test_a_changed_time_officer_or_fact_is_named(units: Units) -> None:
    ids = await written(units)
    for values in ({"at": units.house.clock.now().replace(year=2020)}, {"officer_id": 2}, {"facts": {"reason": "x"}}):
        async with units.house.database.writing() as session:
            entry = await session.get_one(AuditEntry, ids[1])
            before = {name: getattr(entry, name) for name in values}
            await session.execute(update(AuditEntry).where(AuditEntry.id == ids[1]).values(**values))
        assert await first_broken(units) == ids[1]
        async with units.house.database.writing() as session:
            await session.execute(update(AuditEntry).where(AuditEntry.id == ids[1]).values(**before))
    assert await first_broken(units) is None


async def test_a_long_log_is_looked_at_page_by_page(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await written(units, 7)
    monkeypatch.setattr(audit, "PAGE", 3)
    async with units.reading() as unit:
        count, broken = await unit.audit.verify()
    assert (count, broken) == (len(await cast.rows(units, AuditEntry)), None)
    async with units.house.database.writing() as session:
        await session.execute(update(AuditEntry).where(AuditEntry.id == ids[-1]).values(subject="tip:99"))
    assert await first_broken(units) == ids[-1]
