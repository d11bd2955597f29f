"""Why a tip went where it went: as it was decided then, told to those who may know."""

import pytest

from bot.errors import NotFound
from bot.i18n import speaking
from bot.services.routing import Spot
from bot.services.tips import Destination, Explanation
from bot.services.unit import Unit, Units
from bot.speech.explain import RULES, decision_words, explain_words
from bot.store.events import Event
from bot.store.officers import Officer
from bot.store.tips import Tip
from bot.terms import Language, PlaceSource, Rung, Urgency
from tests.clocks import START
from tests.services import cast


async def explained(unit: Unit, badge: str | None, tip_id: int) -> Explanation:
    return await unit.tips.explain(await cast.officer(unit, badge) if badge else None, tip_id)


async def test_a_tip_keeps_how_it_was_placed_and_decided(units: Units) -> None:
    async with units() as unit:
        here, across = await cast.precinct_id(unit, "101"), await cast.precinct_id(unit, "102")
        spot = Spot(here, PlaceSource.POINT, across)
        sent = await cast.submit(unit, await cast.resident(unit), spot=spot, precinct_id=None)
        inspector = await cast.officer(unit, cast.ASKAR)
    (tip,) = await cast.rows(units, Tip)
    assert (tip.precinct_id, tip.place_source, tip.neighbour_id) == (here, "point", across)
    assert (tip.rung, tip.chat_id) == (Rung.PRECINCT, None)
    assert tip.accept_by is not None
    assert (tip.accept_by - START).total_seconds() == 4 * 3600  # nine in the morning of a working day
    (event,) = await cast.rows(units, Event, Event.tip_id == sent.id, Event.kind == "routed")
    assert (event.reason, event.to_officer_id, event.to_desk_id) == ("precinct", inspector.id, None)
    assert b"inspector" not in event.facts_sealed


async def test_a_place_outside_is_kept_with_its_distance(units: Units) -> None:
    async with units() as unit:
        spot = Spot(None, PlaceSource.POINT, None, 340.4)
        sent = await cast.submit(unit, await cast.resident(unit), spot=spot, precinct_id=None)
        explanation = await explained(unit, None, sent.id)
    (tip,) = await cast.rows(units, Tip)
    assert (tip.precinct_id, tip.outside_metres, tip.rung) == (None, 340.4, Rung.DEPARTMENT)
    with speaking(Language.RU):
        assert "до ближайшего участка 340 м" in explain_words(explanation)


async def test_it_is_told_as_it_was_decided_then(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units.house.database.writing() as session:
        table = Officer.__table__
        await session.execute(table.update().where(table.c.badge == cast.ASKAR).values(resident_id=None))
    async with units() as unit:
        explanation = await explained(unit, cast.STAFF, tip_id)
    (decision,) = explanation.decisions
    assert [(verdict.rule, verdict.won) for verdict in decision.verdicts] == [
        ("conflict", False), ("danger", False), ("category_desk", False), ("precinct", True),
    ]  # fmt: skip
    with speaking(Language.RU):
        words = explain_words(explanation)
    assert "✅ Участок: " in words
    assert "Аскар Тогайбаев" in words
    with speaking(Language.KK):
        assert "Асқар Тоғайбаев" in explain_words(explanation)


@pytest.mark.parametrize(
    ("badge", "may"),
    [
        (None, True),
        (cast.STAFF, True),
        (cast.ADMIN, True),
        (cast.ASKAR, True),  # its holder
        (cast.ASEL, False),
        (cast.DUTY_D1, False),
        (cast.HEAD, False),
        (cast.OWN_SECURITY, False),
    ],
)
async def test_who_may_ask(units: Units, badge: str | None, may: bool) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        if may:
            assert (await explained(unit, badge, tip_id)).decisions
        else:
            with pytest.raises(NotFound):
                await explained(unit, badge, tip_id)


@pytest.mark.parametrize(
    "complaint", [{"category": "officer_complaint"}, {"parts": [cast.words("Тогайбаев берёт деньги")]}]
)
async def test_a_complaint_is_explained_to_own_security_alone(units: Units, complaint: dict[str, str]) -> None:
    tip_id = await cast.sent_tip(units, **complaint)
    async with units() as unit:
        for badge in (None, cast.STAFF, cast.ADMIN, cast.HEAD, cast.ASKAR, cast.DUTY_D1):
            with pytest.raises(NotFound):
                await explained(unit, badge, tip_id)
        assert (await explained(unit, cast.OWN_SECURITY, tip_id)).decisions[0].reason == "conflict"


async def test_a_tip_that_names_its_inspector_reaches_only_own_security(units: Units) -> None:
    async with units() as unit:
        sender, security = await cast.resident(unit), await cast.officer(unit, cast.OWN_SECURITY)
        sent = await cast.submit(unit, sender, parts=[cast.words("Учаскелік Тоғайбаевқа айттым, келмеді")])
        assert await cast.officer(unit, cast.ASKAR)
        with pytest.raises(NotFound):
            await unit.tips.card(await cast.officer(unit, cast.ASKAR), sent.id)
    assert await cast.told(units) == [("tip_sent", sender.id), ("card", security.resident_id)]
    (tip,) = await cast.rows(units, Tip)
    assert (tip.is_restricted, tip.rung) == (True, Rung.OWN_SECURITY)


async def test_a_second_not_solved_goes_to_the_duty_unit_and_is_a_decision(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        person = await cast.resident(unit)
        for _round in range(2):
            officer, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
            await unit.tips.close(officer, tip_id, "measures_taken", cast.words("Ескерту жасалды"), speaker)
            await unit.tips.reopen(person, tip_id)
        explanation = await explained(unit, cast.STAFF, tip_id)
        assert [decision.reason for decision in explanation.decisions] == ["precinct", "district_duty"]
    (tip,) = await cast.rows(units, Tip)
    assert (tip.officer_id, tip.rung, tip.taken_at) == (None, Rung.DISTRICT, None)


async def test_a_move_says_who_had_it_before(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        holder = await cast.officer(unit, cast.ASKAR)
        to = Destination(precinct_id=await cast.precinct_id(unit, "102"))
        await unit.tips.hand_over(holder, tip_id, "other_precinct", to)
        explanation = await explained(unit, cast.STAFF, tip_id)
    assert [decision.before for decision in explanation.decisions] == [None, holder.title]
    with speaking(Language.KK):
        assert f"Бұрын: {holder.title}" in explain_words(explanation)


async def test_a_dry_decision_is_worded_whole(units: Units) -> None:
    async with units() as unit:
        case = cast.case(Spot(await cast.precinct_id(unit), PlaceSource.HOUSE), urgency=Urgency.U0)
        holder = await unit.routing.decide(case)
    with speaking(Language.RU):
        words = decision_words(holder)
    assert "Только для сведения: " in words
    assert "{" not in words
    assert len(RULES) >= 7
