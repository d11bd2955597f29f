"""Who has staff's commands in his messenger, and what was put up there."""

from sqlalchemy import update

from bot.services.menus import MenuOwner
from bot.services.unit import Units
from bot.store.endpoints import Endpoint
from bot.store.officers import Officer
from bot.terms import Language, Messenger
from tests.services import cast


async def owners(units: Units) -> dict[int, MenuOwner]:
    async with units.reading() as unit:
        return {one.endpoint_id: one for one in await unit.menus.owners(Messenger.TELEGRAM)}


async def test_every_officer_with_an_account_there_and_nobody_else(units: Units) -> None:
    found = await owners(units)
    accounts = {row.resident_id for row in await cast.rows(units, Officer, Officer.resident_id.is_not(None))}
    places = await cast.rows(units, Endpoint, Endpoint.resident_id.in_(accounts), Endpoint.messenger == "telegram")
    assert set(found) == {row.id for row in places} != set()
    async with units.reading() as unit:
        asel = await cast.officer(unit, cast.ASEL)
    (mine,) = (one for one in found.values() if one.officer and one.officer.id == asel.id)
    assert mine.officer == asel
    assert mine.address.isdecimal()
    assert {one.shown for one in found.values()} == {None}


async def test_one_who_left_is_there_until_nothing_of_his_is_put_up(units: Units) -> None:
    before = await owners(units)
    first, second, *_others = before.values()
    async with units() as unit:
        await unit.menus.keep(first.endpoint_id, 7)
        await unit.menus.keep(first.endpoint_id, 8)
    assert first.officer is not None
    async with units.house.database.writing() as session:
        left = update(Officer).where(Officer.id == first.officer.id).values(is_active=False)
        await session.execute(left)
        assert second.officer is not None
        gone = update(Officer).where(Officer.id == second.officer.id).values(resident_id=None)
        await session.execute(gone)
    now = await owners(units)
    assert set(before) - set(now) == {second.endpoint_id}  # nothing was put up for him
    former = now[first.endpoint_id]
    assert (former.officer, former.shown, former.address) == (None, 8, first.address)
    async with units() as unit:
        await unit.menus.keep(first.endpoint_id, None)
    assert first.endpoint_id not in await owners(units)


async def test_a_role_and_a_language_ring(units: Units) -> None:
    rung: list[str] = []
    units.on("staff", lambda: rung.append("staff"))
    async with units() as unit:
        newcomer = await cast.newcomer(unit)
        await unit.residents.choose_language(newcomer, Language.KK)
    assert rung == []
    async with units() as unit:
        admin = await cast.officer(unit, cast.ADMIN)
        asel = await cast.officer(unit, cast.ASEL)
        await unit.officers.revoke(asel.id, admin)
    assert rung == ["staff"]
    async with units() as unit:
        await unit.officers.join(await unit.officers.invite(asel.id, admin), newcomer.id)
    assert len(rung) == 2
    async with units() as unit:
        known = await unit.residents.known(Messenger.TELEGRAM, "990001")
        assert known is not None
        await unit.residents.choose_language(known, Language.RU)
    assert len(rung) == 3
