"""Exactly one holder, by one order of rules."""

import pytest
from sqlalchemy import select

from bot.services.routing import Case, Holder
from bot.services.unit import Units
from bot.store.officers import Officer
from bot.terms import DeskKind, Urgency
from tests.services import cast


async def decide(
    units: Units, handlers: str = "inspector", urgency: Urgency = Urgency.U2, precinct: str | None = "101"
) -> Holder:
    async with units() as unit:
        place = await cast.precinct_id(unit, precinct) if precinct else None
        return await unit.routing.decide(Case(tuple(handlers.split(",")), urgency, place))


def holder_of(holder: Holder) -> str:
    assert (holder.officer is None) != (holder.desk is None)
    if holder.officer is not None:
        return holder.officer.badge
    assert holder.desk is not None
    return holder.desk.code


@pytest.mark.parametrize(
    ("handlers", "urgency", "precinct", "holder", "reason"),
    [
        ("inspector", Urgency.U2, "101", cast.ASKAR, "precinct"),
        ("inspector", Urgency.U2, "102", cast.ASEL, "precinct"),
        ("inspector", Urgency.U2, None, "duty", "duty_queue"),
        ("cyberpol", Urgency.U1, "101", "cyberpol", "category_desk"),
        ("cyberpol", Urgency.U1, None, "cyberpol", "category_desk"),
        ("bot,cyberpol", Urgency.U3, "101", "cyberpol", "category_desk"),
        ("women,inspector", Urgency.U1, "101", cast.ASKAR, "precinct"),  # this department has no such desk
        ("duty", Urgency.U1, "101", "duty-d1", "category_desk"),
        ("duty,inspector", Urgency.U1, "301", "duty-d3", "category_desk"),
        ("cyberpol", Urgency.U0, "101", "duty-d1", "danger"),
        ("inspector", Urgency.U0, None, "duty", "danger"),
        ("own_security", Urgency.U0, "101", "own_security", "own_security"),
        ("own_security", Urgency.U3, None, "own_security", "own_security"),
    ],
)
async def test_who_holds_it(
    units: Units, handlers: str, urgency: Urgency, precinct: str | None, holder: str, reason: str
) -> None:
    decided = await decide(units, handlers, urgency, precinct)
    assert (holder_of(decided), decided.reason) == (holder, reason)


async def test_only_own_security_is_restricted(units: Units) -> None:
    assert (await decide(units, "own_security")).is_restricted
    assert not (await decide(units, "cyberpol")).is_restricted


async def test_the_inspector_is_informed_of_a_danger_in_his_precinct(units: Units) -> None:
    decided = await decide(units, "duty", Urgency.U0)
    assert [officer.badge for officer in decided.informed] == [cast.ASKAR]
    assert (await decide(units, "own_security", Urgency.U0)).informed == ()


async def test_an_inspector_who_never_joined_holds_nothing(units: Units) -> None:
    async with units.house.database.writing() as session:
        (await session.scalars(select(Officer).where(Officer.badge == cast.ASKAR))).one().resident_id = None
    decided = await decide(units)
    assert (holder_of(decided), decided.reason) == ("duty-d1", "duty_queue")
    assert (await decide(units, "duty", Urgency.U0)).informed == ()


async def test_every_category_of_the_data_file_has_a_holder(units: Units) -> None:
    async with units() as unit:
        for category in await unit.tips.categories():
            tip = await cast.submit(unit, await cast.resident(unit), category.code)
            held = await unit.tips.for_notice(tip.id)
            assert held is not None
            assert (held.officer_id is None) != (held.desk_id is None), category.code
            if category.code == "officer_complaint":
                assert held.desk_id is not None
                desk = await unit.territory.desk(held.desk_id)
                assert desk.code == DeskKind.OWN_SECURITY
