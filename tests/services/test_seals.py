"""After a change of keys every sealed value is sealed anew, page by page, and none is lost on the way."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.services.seals import _sealed_tables, _seals
from bot.services.unit import Units
from bot.store import Base, keys
from bot.store.endpoints import Endpoint
from bot.store.keys import KeyRing, KeyWrong
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.talks import Talk
from bot.store.tips import Tip, TipPart, Vault
from bot.terms import Identity
from tests.services import cast

OLD, NEW, PEPPER = b"k" * 32, b"n" * 32, b"p" * 32


async def everything(units: Units, limit: int = 3) -> int:
    """How many rows were sealed anew."""
    resealed = 0
    for table in (await tables(units)).keys():
        after, more = None, True
        while more:
            async with units() as unit:
                page = await unit.seals.reseal(table, after, limit)
            resealed, after = resealed + page.resealed, page.last
            more = after is not None
    return resealed


async def tables(units: Units) -> dict[str, int]:
    async with units.reading() as unit:
        return {table: await unit.seals.rows(table) for table in unit.seals.tables()}


async def old_seals(units: Units) -> int:
    found = 0
    async with units.house.database.reading() as session:
        for row in _sealed_tables().values():
            for seal in _seals(row):
                column = getattr(row, seal.column)
                blobs = await session.scalars(select(column).where(column.is_not(None)))
                found += sum(not keys.ring().is_current(blob) for blob in blobs)
    return found


async def opened(units: Units) -> dict[str, dict[int, Any]]:
    """Addresses, names and facts of notices by their rows, as the keys of now open them."""
    addresses, names, facts = [await cast.rows(units, table) for table in (Endpoint, Resident, Notice)]
    return {
        "addresses": {row.id: row.address for row in addresses},
        "names": {row.id: row.name for row in names if row.name_sealed},
        "facts": {row.id: row.facts for row in facts if row.facts_sealed},
    }


async def test_all_sealed_columns_are_known(units: Units) -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values() for column in table.columns if column.name.endswith("_sealed")
    }  # fmt: skip
    known = {f"{name}.{seal.column}" for name, row in _sealed_tables().items() for seal in _seals(row)}
    assert columns == known


async def test_every_value_is_read_by_the_new_key_alone(units: Units) -> None:
    await cast.sent_tip(units, parts=[cast.words("Первый подъезд")], place="Абая, 12")
    await cast.sent_tip(units, identity=Identity.HIDDEN)
    async with units() as unit:
        talk = await unit.talks.read(b"t" * 32)
        talk.form = {"parts": ["черновик"]}
        await unit.talks.write(b"t" * 32, talk)
        person = await cast.resident(unit)
    told = await opened(units)
    assert all(len(values) > 1 for values in told.values()), told
    keys.install(KeyRing([NEW, OLD], PEPPER))
    before = await old_seals(units)
    assert before > 10
    total = sum((await tables(units)).values())
    resealed = await everything(units)
    assert 0 < resealed <= total
    assert await old_seals(units) == 0
    assert await everything(units) == 0  # said once more it finds nothing to do
    keys.install(KeyRing([NEW], PEPPER))
    (first, second) = await cast.rows(units, Tip)
    assert (first.place, first.name) == ("Абая, 12", person.name)
    assert [part.text for part in await cast.rows(units, TipPart, TipPart.tip_id == first.id)] == ["Первый подъезд"]
    (vault,) = await cast.rows(units, Vault)
    assert (vault.id, vault.resident) == (second.id, person.id)
    (row,) = await cast.rows(units, Talk)
    assert row.form == {"parts": ["черновик"]}
    assert await opened(units) == told


async def test_what_somebody_changes_meanwhile_is_left_to_him(units: Units) -> None:
    tip_id = await cast.sent_tip(units, place="Абая, 12")
    keys.install(KeyRing([NEW, OLD], PEPPER))
    async with units() as unit:
        session = unit.seals._session
        (tip,) = list(await session.scalars(select(Tip).where(Tip.id == tip_id)))
        tip.place = "Абая, 14"
        await session.flush()
        await unit.seals.reseal("tips")
    (tip,) = await cast.rows(units, Tip)
    assert tip.place == "Абая, 14"


async def test_what_no_key_opens_stops_it_and_is_not_touched(units: Units) -> None:
    await cast.sent_tip(units, place="Абая, 12")
    keys.install(KeyRing([NEW], PEPPER))
    with pytest.raises(KeyWrong):
        await everything(units)
    keys.install(KeyRing([OLD], PEPPER))
    (tip,) = await cast.rows(units, Tip)
    assert tip.place == "Абая, 12"


@pytest.mark.parametrize("damaged", [1, 2])
async def test_keys_fit_although_an_address_is_damaged(units: Units, damaged: int) -> None:
    """The oldest and the newest: with the right keys Korshi starts all the same, with others it does not."""
    async with units.reading() as unit:
        ids = list(await unit._session.scalars(select(Endpoint.id).order_by(Endpoint.id)))
    spoilt = update(Endpoint).where(Endpoint.id.in_([*ids[:damaged], *ids[-damaged:]]))
    async with units() as unit:
        await unit._session.execute(spoilt.values(address_sealed=b"spoilt by somebody"))
    async with units.reading() as unit:
        assert await unit.seals.fit()
    for other in (KeyRing([NEW], PEPPER), KeyRing([OLD], b"q" * 32)):
        keys.install(other)
        async with units.reading() as unit:
            assert not await unit.seals.fit()


async def test_after_a_rotation_the_oldest_addresses_need_their_key(units: Units) -> None:
    keys.install(KeyRing([NEW, OLD], PEPPER))
    async with units() as unit:
        newest = await unit._session.scalars(select(Endpoint).order_by(Endpoint.id.desc()).limit(20))
        for row in newest:
            row.address = row.address
    async with units.reading() as unit:
        assert await unit.seals.fit()
    keys.install(KeyRing([NEW], PEPPER))
    async with units.reading() as unit:
        assert not await unit.seals.fit()


async def test_pages_reach_every_row(units: Units) -> None:
    async with units.house.database.reading() as session:
        count = await session.scalar(select(func.count()).select_from(Endpoint))
    keys.install(KeyRing([NEW, OLD], PEPPER))
    seen, after, more = 0, None, True
    while more:
        async with units() as unit:
            page = await unit.seals.reseal("endpoints", after, 4)
        assert page.rows <= 4
        seen, after = seen + page.rows, page.last
        more = after is not None
    assert seen == count
