"""Only legal steps: read from the table, states staff added included."""

import pytest
from sqlalchemy import update

from bot.errors import NotFound, StepNotLegal, TipAlreadyTaken, TipClosed
from bot.services.tips import TipView
from bot.services.unit import Units
from bot.store.events import Event
from bot.store.notices import Notice
from bot.store.tips import Tip, TipState
from bot.terms import NoticeKind
from tests.services import cast


async def add_states(units: Units) -> None:
    """«On site» from work and back; «sent to court» ends it."""
    async with units.house.database.writing() as session:
        session.add(TipState(code="on_site", type="open", name_kk="Орнында", name_ru="На месте", next="taken,court"))
        session.add(
            TipState(code="court", type="closed", name_kk="Сотқа берілді", name_ru="Передано в суд", next="reopened")
        )
        taken = "need_details, handed_over, closed, on_site"  # as a person types a list
        await session.execute(update(TipState).where(TipState.code == "taken").values(next=taken))


async def seen(units: Units, tip_id: int, badge: str = cast.ASKAR) -> TipView:
    async with units.reading() as unit:
        return await unit.tips.card(await cast.officer(unit, badge), tip_id)


async def test_the_steps_follow_the_state(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    assert (await seen(units, tip_id)).steps.acts == {"take", "ask", "answer", "close", "hand_over"}
    async with units() as unit:
        officer, person = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        assert (await unit.tips.take(officer, tip_id)).steps.acts == {"ask", "answer", "close", "hand_over"}
        asked = await unit.tips.ask(officer, tip_id, cast.words("Қайда?"), person)
        assert asked.steps.acts == {"ask", "answer", "close", "hand_over"}, "taken again by the sender's answer"
        closed = await unit.tips.close(officer, tip_id, "measures_taken", cast.words("Дайын"), person)
        assert closed.steps.acts == set()


async def test_a_state_staff_added_is_offered_and_taken_back(units: Units) -> None:
    await add_states(units)
    tip_id = await cast.sent_tip(units)
    assert (await seen(units, tip_id)).steps.states == ()
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        taken = await unit.tips.take(officer, tip_id)
        assert [state.code for state in taken.steps.states] == ["on_site"]
        there = await unit.tips.change_state(officer, tip_id, "on_site")
        assert (there.state, str(there.state_name.ru)) == ("on_site", "На месте")
        assert there.steps.acts == {"take", "answer"}, "neither a question nor closing is next in the table"
        assert [(state.code, state.is_closing) for state in there.steps.states] == [("court", True)]
        assert (await unit.tips.take(officer, tip_id)).state == "taken"
    events = await cast.rows(units, Event, Event.kind == "state")
    assert [(event.state, event.officer_id is not None) for event in events] == [("on_site", True), ("taken", True)]
    assert len(await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_TAKEN)) == 1


async def test_what_the_table_has_not_is_refused(units: Units) -> None:
    await add_states(units)
    tip_id = await cast.sent_tip(units)
    for state in ("on_site", "court", "closed", "confirmed", "nothing"):
        with pytest.raises(StepNotLegal):
            async with units() as unit:
                await unit.tips.change_state(await cast.officer(unit, cast.ASKAR), tip_id, state)
    with pytest.raises(NotFound):
        async with units() as unit:
            await unit.tips.change_state(await cast.officer(unit, cast.ASEL), tip_id, "on_site")


async def test_an_added_closing_state_needs_an_outcome_and_words(units: Units) -> None:
    await add_states(units)
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        officer, person = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.take(officer, tip_id)
        await unit.tips.change_state(officer, tip_id, "on_site")
        with pytest.raises(StepNotLegal):
            await unit.tips.change_state(officer, tip_id, "court")
        with pytest.raises(NotFound):
            await unit.tips.close(officer, tip_id, "measures_taken", cast.words(" "), person, "court")
        with pytest.raises(NotFound):
            await unit.tips.close(officer, tip_id, "measures_taken", cast.words(), person, "on_site")
        closed = await unit.tips.close(
            officer, tip_id, "measures_taken", cast.words("Материал берілді"), person, "court"
        )
        assert (closed.state, closed.outcome is not None) == ("court", True)
        with pytest.raises(TipClosed):
            await unit.tips.answer(officer, tip_id, cast.words(), person)


async def test_of_two_at_a_desk_the_second_is_told_who_has_it_whatever_he_presses(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "fraud_attempt")
    async with units() as unit:
        first = await unit.tips.take(await cast.officer(unit, cast.CYBER), tip_id)
    person_id = 2014
    async with units() as unit:
        late, person = await cast.officer(unit, cast.CYBER_TOO), await cast.resident(unit, person_id)
        for act in ("take", "ask", "answer", "close", "note", "state"):
            with pytest.raises(TipAlreadyTaken) as told:
                match act:
                    case "take":
                        await unit.tips.take(late, tip_id)
                    case "close":
                        await unit.tips.close(late, tip_id, "measures_taken", cast.words(), person)
                    case "state":
                        await unit.tips.change_state(late, tip_id, "on_site")
                    case _:
                        await getattr(unit.tips, act)(late, tip_id, cast.words(), person)
            assert str(told.value.facts["officer"]) == str(first.holder)
    (tip,) = await cast.rows(units, Tip)
    assert tip.taken_at is not None
