"""After closing: asked on the next day and after two weeks, each once; what the sender says to it; who is not asked."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.config import QuietHours
from bot.errors import NotFound, StepNotLegal
from bot.services.tips import Tips
from bot.services.unit import Units
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart, Vault
from bot.terms import DeskKind, Identity, Messenger, NoticeKind, NoticeState, Rung
from tests.clocks import FakeClock
from tests.services import cast

HOUR, DAY = 3600, 86_400
STEPS = {"to_ask_solved": Tips.ask_solved, "to_ask_back": Tips.ask_back}
EVENING = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)  # 23:30 by Almaty


async def beat(units: Units, what: str) -> list[int]:
    async with units.reading() as unit:
        found = await getattr(unit.tips, what)()
    done = []
    for tip_id in found:
        async with units() as unit:
            if await STEPS[what](unit.tips, tip_id):
                done.append(tip_id)
    return done


async def closed_tip(units: Units, outcome: str = "measures_taken", **more: Any) -> int:
    tip_id = await cast.sent_tip(units, **more)
    await close(units, tip_id, outcome)
    return tip_id


async def close(units: Units, tip_id: int, outcome: str = "measures_taken") -> None:
    async with units() as unit:
        tip = await unit.tips.for_notice(tip_id)
        assert tip is not None
        if tip.officer_id is None:
            officer = next(iter(await unit.officers.on_desk(tip.desk_id or 0)))
        else:
            officer = await unit.officers.get(tip.officer_id)
        speaker = await cast.resident(unit, 2001)
        await unit.tips.close(officer, tip_id, outcome, cast.words("Провели беседу"), speaker)


async def tip_of(units: Units, tip_id: int) -> Any:
    (tip,) = await cast.rows(units, Tip, Tip.id == tip_id)
    return tip


async def asks(units: Units) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind.in_(("tip_solved_ask", "tip_back_ask"))))


async def test_solved_is_asked_on_the_next_day_and_once(units: Units, clock: FakeClock) -> None:
    await clock.advance((EVENING - clock.now()).total_seconds())
    tip_id = await closed_tip(units)
    assert await beat(units, "to_ask_solved") == []
    await clock.advance(29 * 60)
    assert await beat(units, "to_ask_solved") == []  # still the same day
    await clock.advance(61)
    assert await beat(units, "to_ask_solved") == [tip_id]
    for later in (0, 2 * DAY, 30 * DAY):
        await clock.advance(later)
        assert await beat(units, "to_ask_solved") == []
    (notice,) = await asks(units)
    assert (notice.kind, notice.tip_id, notice.facts_sealed) == (NoticeKind.TIP_SOLVED_ASK, tip_id, None)
    assert notice.expires_at is not None


async def test_two_processes_ask_once(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    await clock.advance(DAY)
    for expected in (True, False):
        async with units() as unit:
            assert await unit.tips.ask_solved(tip_id) is expected
    await clock.advance(13 * DAY)
    for expected in (True, False):
        async with units() as unit:
            assert await unit.tips.ask_back(tip_id) is expected
    assert len(await asks(units)) == 2


async def test_yes_confirms_and_says_it_once(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    await clock.advance(DAY)
    await beat(units, "to_ask_solved")
    for _ in range(2):
        async with units() as unit:
            view = await unit.tips.confirm(await cast.resident(unit), tip_id)
            assert view.state == "confirmed"
    tip = await tip_of(units, tip_id)
    assert (tip.is_solved, tip.state) == (True, "confirmed")
    (notice,) = await asks(units)
    assert notice.state == NoticeState.CANCELLED  # answered before it left


async def test_no_goes_back_to_the_holder_and_the_second_no_one_level_up(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    holder = (await tip_of(units, tip_id)).officer_id
    for turn in (1, 2):
        await clock.advance(DAY)
        assert await beat(units, "to_ask_solved") == [tip_id]  # after each closing
        async with units() as unit:
            view = await unit.tips.reopen(await cast.resident(unit), tip_id)
        tip = await tip_of(units, tip_id)
        assert (view.reopened, tip.is_solved, tip.first_answer_at, tip.warned_at) == (turn, False, None, None)
        assert tip.outcome_due_at > clock.now()
        if turn == 1:
            assert tip.officer_id == holder
            await close(units, tip_id)
    assert (tip.officer_id, tip.rung) == (None, Rung.DISTRICT)
    async with units() as unit:
        district = await unit.tips.handover_desks(DeskKind.DISTRICT_DUTY)
    assert tip.desk_id in [desk.id for desk in district]
    with pytest.raises(StepNotLegal):
        async with units() as unit:
            await unit.tips.confirm(await cast.resident(unit), tip_id)


async def test_it_came_back_is_asked_once_after_two_weeks_and_yes_opens_it(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        await unit.tips.confirm(await cast.resident(unit), tip_id)
    await clock.advance(14 * DAY - 1)
    assert await beat(units, "to_ask_back") == []
    await clock.advance(1)
    assert await beat(units, "to_ask_back") == [tip_id]
    assert await beat(units, "to_ask_back") == []
    await clock.advance(3 * DAY)  # an answer that took three days is taken
    async with units() as unit:
        assert (await unit.tips.reopen(await cast.resident(unit), tip_id)).state == "reopened"
    await close(units, tip_id)
    await clock.advance(15 * DAY)
    assert await beat(units, "to_ask_back") == []


async def test_who_is_never_asked(units: Units, clock: FakeClock) -> None:
    for outcome in ("false_report", "joined"):
        await closed_tip(units, outcome)
    cut = await closed_tip(units, identity=Identity.HIDDEN)
    rated, opened = await closed_tip(units), await closed_tip(units)
    async with units() as unit:
        person = await cast.resident(unit)
        await unit.tips.cut(person, cut)
        await unit.tips.rate(person, rated, 5)
        await unit.tips.reopen(person, opened)
    await clock.advance(DAY)
    assert await beat(units, "to_ask_solved") == []
    await clock.advance(14 * DAY)
    assert await beat(units, "to_ask_back") == [rated]


async def test_what_a_standstill_missed_for_too_long_is_not_asked(units: Units, clock: FakeClock) -> None:
    """Nor are the closed tips of years asked on the day the program learns to ask."""
    await closed_tip(units)
    await clock.advance(8 * DAY)
    assert await beat(units, "to_ask_solved") == []
    await clock.advance(14 * DAY)
    assert await beat(units, "to_ask_back") == []


async def test_a_hidden_sender_is_asked_through_the_vault(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units, identity=Identity.HIDDEN)
    await clock.advance(DAY)
    await beat(units, "to_ask_solved")
    (notice,) = await asks(units)
    assert (notice.resident_id, notice.vault_id) == (None, tip_id)
    assert len(await cast.rows(units, Vault)) == 1


async def test_a_stranger_says_nothing_about_it(units: Units) -> None:
    tip_id = await closed_tip(units)
    for act, arguments in (("confirm", ()), ("comment", (cast.words("Рахмет"),))):
        with pytest.raises(NotFound):
            async with units() as unit:
                await getattr(unit.tips, act)(await cast.resident(unit, 1003), tip_id, *arguments)


async def test_a_word_to_the_rating_goes_to_the_holder(units: Units) -> None:
    tip_id = await closed_tip(units)
    with pytest.raises(NotFound):
        async with units() as unit:
            await unit.tips.comment(await cast.resident(unit), tip_id, cast.words("Рахмет"))
    async with units() as unit:
        person = await cast.resident(unit)
        await unit.tips.rate(person, tip_id, 4)
        await unit.tips.comment(person, tip_id, cast.words("Рахмет"))
        inspector = await cast.officer(unit, cast.ASKAR)
    (part,) = await cast.rows(units, TipPart, TipPart.purpose == "rating")
    last = (await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_RATED))[-1]
    assert (part.text, last.part_id, last.resident_id) == ("Рахмет", part.id, inspector.resident_id)
    assert last.facts == {"rating": 4}


async def test_a_question_that_can_wait_is_never_brought_at_night(units: Units, clock: FakeClock) -> None:
    """The courier was down by day and comes back at two in the morning."""
    units.house.quiet = QuietHours(time(22), time(8))
    await closed_tip(units)
    await clock.advance(DAY)
    await beat(units, "to_ask_solved")
    night = datetime(2026, 9, 2, 21, 0, tzinfo=UTC)  # 02:00 by Almaty
    await clock.advance((night - clock.now()).total_seconds())
    (notice,) = await asks(units)
    async with units() as unit:
        assert await unit.deliveries.claim([notice.id]) == []
    (notice,) = await asks(units)
    morning = notice.due_at.astimezone(units.house.zone)
    assert (notice.state, morning.hour) == (NoticeState.DUE, 8)
    await clock.advance((notice.due_at - clock.now()).total_seconds())
    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([notice.id])
    assert delivery.messenger is Messenger.TELEGRAM
    assert delivery.tip is not None


async def test_after_two_weeks_nothing_that_was_not_asked_opens_a_confirmed_tip(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        await unit.tips.confirm(await cast.resident(unit), tip_id)
    await clock.advance((timedelta(days=14) + timedelta(seconds=1)).total_seconds())
    with pytest.raises(StepNotLegal):
        async with units() as unit:
            await unit.tips.reopen(await cast.resident(unit), tip_id)
