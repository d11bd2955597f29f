"""Clocks of an open tip: the holder is warned once, late goes up, a pause stops them, silence is never closed by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.errors import NoContact, SenderMayAnswer
from bot.services.tips import Destination, Tips
from bot.services.unit import Units
from bot.store.events import Event
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import Identity, NoticeKind, NoticeState, Rung, Urgency
from tests.clocks import FakeClock
from tests.services import cast

MINUTE, HOUR, DAY = 60, 3600, 86_400
STEPS = {"running_out": Tips.warn_holder, "overdue": Tips.move_late, "unanswered": Tips.remind}


async def beat(units: Units, what: str) -> list[int]:
    """What one beat does; the tips it did something to."""
    async with units.reading() as unit:
        found = await getattr(unit.tips, what)()
    done = []
    for tip_id in found:
        async with units() as unit:
            if await STEPS[what](unit.tips, tip_id):
                done.append(tip_id)
    return done


async def tip_of(units: Units, tip_id: int) -> Any:
    (tip,) = await cast.rows(units, Tip, Tip.id == tip_id)
    return tip


async def speaks(units: Units, tip_id: int, act: str, *arguments: Any, badge: str = cast.ASKAR) -> None:
    async with units() as unit:
        officer = await cast.officer(unit, badge)
        speaker = await cast.resident(unit, 2001)
        await getattr(unit.tips, act)(officer, tip_id, *arguments, cast.words("Сообщите подробнее"), speaker)


async def answers(units: Units, tip_id: int) -> None:
    async with units() as unit:
        await unit.tips.add(await cast.resident(unit), tip_id, cast.words("Третий подъезд"))


async def notices(units: Units, kind: NoticeKind) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind == kind))


async def test_the_promised_times_are_there_from_the_first_minute(units: Units, clock: FakeClock) -> None:
    urgent, usual, told = [
        await tip_of(units, await cast.sent_tip(units, urgency=urgency))
        for urgency in (Urgency.U1, Urgency.U2, Urgency.U4)
    ]
    assert urgent.outcome_due_at == clock.now() + timedelta(hours=72)
    assert usual.outcome_due_at > usual.due_at == clock.now() + timedelta(hours=24)
    assert (told.due_at, told.outcome_due_at) == (None, None)


async def test_the_first_word_of_the_holder_stops_the_first_clock(units: Units, clock: FakeClock) -> None:
    for act in ("ask", "answer"):
        tip_id = await cast.sent_tip(units)
        await clock.advance(HOUR)
        await speaks(units, tip_id, act)
        said = clock.now()
        await clock.advance(HOUR)
        await speaks(units, tip_id, "answer")
        assert (await tip_of(units, tip_id)).first_answer_at == said
    tip_id = await cast.sent_tip(units)
    await speaks(units, tip_id, "close", "measures_taken")
    assert (await tip_of(units, tip_id)).first_answer_at == clock.now()


async def test_the_holder_is_warned_once_before_time_runs_out(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    await clock.advance(19 * MINUTE)
    assert await beat(units, "running_out") == []
    await clock.advance(MINUTE)
    assert await beat(units, "running_out") == [tip_id]
    assert await beat(units, "running_out") == []
    (notice,) = await notices(units, NoticeKind.CARD_TIME)
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASKAR)
    assert (notice.resident_id, notice.facts) == (inspector.resident_id, {"what": "answer"})
    await speaks(units, tip_id, "answer")
    assert await beat(units, "running_out") == []
    await clock.advance(70 * HOUR - 20 * MINUTE)  # of the outcome he is warned too, once
    assert await beat(units, "running_out") == [tip_id]
    assert await beat(units, "running_out") == []
    assert [notice.facts["what"] for notice in await notices(units, NoticeKind.CARD_TIME)] == ["answer", "outcome"]


async def test_what_is_due_in_the_morning_is_told_on_the_day_before(units: Units, clock: FakeClock) -> None:
    """Tuesday 09:30 by Almaty: due on Wednesday 09:30; three working hours before it is Tuesday's afternoon."""
    await clock.advance(30 * MINUTE)
    tip_id = await cast.sent_tip(units)
    opened = clock.now()
    async with units() as unit:
        calendar = await unit.roster.calendar()
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    due = (await tip_of(units, tip_id)).due_at
    while not await beat(units, "running_out"):
        await clock.advance(10 * MINUTE)
        assert clock.now() < due
    assert calendar.is_open(clock.now())
    assert clock.now().astimezone(units.house.zone).date() == opened.astimezone(units.house.zone).date()


async def test_a_warning_never_reaches_who_holds_it_no_more(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    await clock.advance(21 * MINUTE)
    assert await beat(units, "running_out") == [tip_id]
    async with units() as unit:
        await unit.tips.hand_over(await cast.officer(unit, cast.ASKAR), tip_id, "other_precinct", Destination())
    (notice,) = await notices(units, NoticeKind.CARD_TIME)
    assert notice.state == NoticeState.CANCELLED
    assert (await tip_of(units, tip_id)).warned_at is None  # the new holder is told by his own


async def test_late_goes_one_rung_up_and_the_sender_hears_of_it(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).values(state=NoticeState.SENT))
    await clock.advance(30 * MINUTE - 1)
    assert await beat(units, "overdue") == []
    await clock.advance(1)
    assert await beat(units, "overdue") == [tip_id]
    assert await beat(units, "overdue") == []
    tip = await tip_of(units, tip_id)
    assert (tip.rung, tip.officer_id, tip.state) == (Rung.DISTRICT, None, "handed_over")
    assert tip.due_at == clock.now() + timedelta(minutes=30)
    (told,) = await notices(units, NoticeKind.TIP_MOVED)
    assert told.facts == {"how": "late"}
    (move,) = await cast.rows(units, Event, Event.kind == "moved")
    assert move.reason == "late"
    (left,) = await notices(units, NoticeKind.CARD_LEFT)
    assert left.facts["reason"] == "late"


async def test_a_late_outcome_goes_up_too(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await speaks(units, tip_id, "answer")
    await clock.advance(72 * HOUR)
    assert await beat(units, "overdue") == [tip_id]
    tip = await tip_of(units, tip_id)
    assert (tip.rung, tip.outcome_due_at) == (Rung.DISTRICT, clock.now() + timedelta(hours=72))
    assert await beat(units, "overdue") == []


async def test_at_the_top_the_heads_hear_and_the_sender_gets_a_new_time(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    for _ in range(2):
        await clock.advance(30 * MINUTE)
        assert await beat(units, "overdue") == [tip_id]
    for turn in (1, 2):  # each promise that is not kept is told once
        await clock.advance(30 * MINUTE)
        assert await beat(units, "overdue") == []
        tip = await tip_of(units, tip_id)
        assert (tip.rung, tip.due_at) == (Rung.DEPARTMENT, clock.now() + timedelta(minutes=30))
        alarms = [notice for notice in await notices(units, NoticeKind.ALARM) if notice.facts["alarm"] == "overdue"]
        assert alarms
        assert len(alarms) % turn == 0
        last = (await notices(units, NoticeKind.TIP_MOVED))[-1]
        assert (last.facts, last.state) == ({"how": "late_here"}, NoticeState.DUE)


async def test_a_late_complaint_stays_with_own_security(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, "officer_complaint", urgency=Urgency.U1)
    before = await tip_of(units, tip_id)
    await clock.advance(31 * MINUTE)
    assert await beat(units, "overdue") == []
    tip = await tip_of(units, tip_id)
    assert (tip.officer_id, tip.desk_id, tip.is_restricted) == (before.officer_id, before.desk_id, True)
    async with units() as unit:
        own = {officer.resident_id for officer in await unit.officers.on_desk(tip.desk_id)}
    alarmed = {n.resident_id for n in await notices(units, NoticeKind.ALARM) if n.facts["alarm"] == "overdue"}
    assert alarmed <= own


async def test_the_clocks_stand_while_the_sender_is_asked(units: Units, clock: FakeClock) -> None:
    """Plain time is moved by all of the pause, working time by the working hours in it."""
    urgent, usual = await cast.sent_tip(units, urgency=Urgency.U1), await cast.sent_tip(units, urgency=Urgency.U2)
    promised = {tip_id: (await tip_of(units, tip_id)).outcome_due_at for tip_id in (urgent, usual)}
    for tip_id in promised:
        await speaks(units, tip_id, "ask")
    asked = clock.now()
    assert (await tip_of(units, urgent)).paused_at == asked
    await clock.advance(3 * DAY + HOUR)
    assert await beat(units, "overdue") == []
    assert await beat(units, "running_out") == []
    async with units() as unit:
        worked = (await unit.roster.calendar()).worked(asked, clock.now())
        expected = (await unit.roster.calendar()).add_hours(promised[usual], worked.total_seconds() / HOUR)
    assert timedelta() < worked < timedelta(days=2)
    for tip_id in promised:
        await answers(units, tip_id)
    tip = await tip_of(units, urgent)
    assert (tip.paused_at, tip.outcome_due_at) == (None, promised[urgent] + timedelta(days=3, hours=1))
    assert (await tip_of(units, usual)).outcome_due_at == expected


async def test_every_way_out_of_the_question_lets_the_clocks_go_on(units: Units, clock: FakeClock) -> None:
    cut = await cast.sent_tip(units, urgency=Urgency.U1, identity=Identity.HIDDEN)
    handed = await cast.sent_tip(units, urgency=Urgency.U1)
    due = (await tip_of(units, cut)).outcome_due_at
    for tip_id in (cut, handed):
        await speaks(units, tip_id, "ask")
    await clock.advance(HOUR)
    async with units() as unit:
        await unit.tips.cut(await cast.resident(unit), cut)
        await unit.tips.hand_over(await cast.officer(unit, cast.ASKAR), handed, "other_precinct", Destination())
    for tip_id in (cut, handed):
        tip = await tip_of(units, tip_id)
        assert (tip.paused_at, tip.outcome_due_at) == (None, due + timedelta(hours=1))


async def test_a_silent_sender_is_reminded_once_and_never_given_up_by_the_program(
    units: Units, clock: FakeClock
) -> None:
    tip_id = await cast.sent_tip(units)
    with pytest.raises(SenderMayAnswer):
        await speaks(units, tip_id, "close", "no_reply")
    await speaks(units, tip_id, "ask")
    await clock.advance(7 * DAY - 1)
    assert await beat(units, "unanswered") == []
    await clock.advance(1)
    assert await beat(units, "unanswered") == [tip_id]
    assert await beat(units, "unanswered") == []
    first, again = await notices(units, NoticeKind.TIP_QUESTION)
    assert (again.facts, again.part_id) == ({"again": True}, first.part_id)
    await clock.advance(7 * DAY - 1)
    with pytest.raises(SenderMayAnswer):
        await speaks(units, tip_id, "close", "no_reply")
    async with units() as unit:
        view = await unit.tips.card(await cast.officer(unit, cast.ASKAR), tip_id)
        assert "no_reply" not in dict(await unit.tips.outcomes(view))
    await clock.advance(1)
    assert await beat(units, "unanswered") == [tip_id]
    assert await beat(units, "unanswered") == []
    (told,) = await notices(units, NoticeKind.CARD_TIME)
    assert told.facts == {"what": "no_reply"}
    assert (await tip_of(units, tip_id)).state == "need_details"
    async with units() as unit:
        view = await unit.tips.card(await cast.officer(unit, cast.ASKAR), tip_id)
        assert "no_reply" in dict(await unit.tips.outcomes(view))
    await speaks(units, tip_id, "close", "no_reply")
    assert (await tip_of(units, tip_id)).state == "closed"


async def test_a_second_question_has_its_own_reminder(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units)
    for _ in range(2):
        await speaks(units, tip_id, "ask")
        await clock.advance(7 * DAY)
        assert await beat(units, "unanswered") == [tip_id]
        await answers(units, tip_id)
        await clock.advance(1)
    assert len([n for n in await notices(units, NoticeKind.TIP_QUESTION) if n.facts]) == 2


async def test_whose_sender_is_gone_may_be_closed_as_not_answered(units: Units) -> None:
    tip_id = await cast.sent_tip(units, identity=Identity.HIDDEN)
    async with units() as unit:
        await unit.tips.cut(await cast.resident(unit), tip_id)
    with pytest.raises(NoContact):
        await speaks(units, tip_id, "ask")
    await speaks(units, tip_id, "close", "no_reply")
    assert await beat(units, "unanswered") == []


async def test_two_processes_do_each_thing_once(units: Units, clock: FakeClock) -> None:
    """Both have looked before either acts."""
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await clock.advance(21 * MINUTE)
    async with units.reading() as unit:
        assert await unit.tips.running_out() == [tip_id]
    for expected in (True, False):
        async with units() as unit:
            assert await unit.tips.warn_holder(tip_id) is expected
    await clock.advance(9 * MINUTE)
    for expected in (True, False):
        async with units() as unit:
            assert await unit.tips.move_late(tip_id) is expected
    assert len(await notices(units, NoticeKind.CARD_TIME)) == 1
    assert len(await cast.rows(units, Event, Event.kind == "moved")) == 1


async def test_a_tip_from_before_the_clocks_has_none_of_its_outcome(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Tip).values(outcome_due_at=None, first_answer_at=clock.now()))
    await clock.advance(60 * DAY)
    assert await beat(units, "overdue") == []
    await speaks(units, tip_id, "ask")
    await answers(units, tip_id)
    assert (await tip_of(units, tip_id)).outcome_due_at is None


async def test_a_pause_over_the_change_of_the_clocks_is_as_long_as_it_was(units: Units) -> None:
    """Almaty moved its clocks in the night to 1 March 2024."""
    async with units() as unit:
        calendar = await unit.roster.calendar()
    before, after = datetime(2024, 2, 29, 3, tzinfo=UTC), datetime(2024, 3, 1, 12, tzinfo=UTC)
    whole = calendar.worked(before, after)
    midnight = datetime(2024, 2, 29, 19, tzinfo=UTC)
    assert whole == calendar.worked(before, midnight) + calendar.worked(midnight, after)
    assert calendar.worked(after, before) == timedelta()


async def test_time_of_a_test_never_runs_backwards() -> None:
    """A negative step was swallowed: a test that meant to go back saw nothing change."""
    with pytest.raises(ValueError, match="-1"):
        await FakeClock().advance(-1)
