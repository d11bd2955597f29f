"""A tip always has a holder: silence moves it up the ladder, a reason moves it elsewhere, and who lost it is blind."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from bot.errors import HandoverRefused, KorshiError, NotFound, SameHolder, TipClosed
from bot.i18n import Bilingual
from bot.services.media import MediaDraft
from bot.services.roster import NewAbsence
from bot.services.tips import Destination, Moved, PartDraft
from bot.services.unit import Units
from bot.store.events import Event
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.store.roster import CalendarDay, Watch
from bot.store.tips import HandoverReason, Tip
from bot.terms import DeskKind, Identity, Lane, NoticeKind, NoticeState, PartKind, Rung, Urgency
from tests.clocks import FakeClock
from tests.services import cast

DUTY_ALL, DUTY_ALL_TOO = "A-1022", "A-1023"
QUARTER = timedelta(minutes=15).total_seconds()


async def climb(units: Units) -> list[int]:
    """What one beat does; the tips that moved."""
    async with units.reading() as unit:
        silent = await unit.tips.silent()
    moved = []
    for tip_id in silent:
        async with units() as unit:
            if await unit.tips.climb(tip_id):
                moved.append(tip_id)
    return moved


async def only_tip(units: Units) -> Tip:
    (tip,) = await cast.rows(units, Tip)
    found: Tip = tip
    return found


async def officer_id(units: Units, badge: str) -> int:
    async with units() as unit:
        return (await cast.officer(unit, badge)).id


async def account(units: Units, badge: str) -> int:
    async with units() as unit:
        found = (await cast.officer(unit, badge)).resident_id
    assert found is not None
    return found


async def desk_id(units: Units, code: str) -> int:
    async with units() as unit:
        for kind in (DeskKind.DESK, DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY, DeskKind.OWN_SECURITY):
            for desk in await unit.tips.handover_desks(kind, "conflict"):
                if desk.code == code:
                    return desk.id
    raise LookupError(code)


async def hand_over(
    units: Units, badge: str, tip_id: int, reason: str = "other_precinct", words: str = "", **to: int
) -> Moved:
    async with units() as unit:
        return await unit.tips.hand_over(await cast.officer(unit, badge), tip_id, reason, Destination(**to), words)


async def moves(units: Units) -> list[Any]:
    return list(await cast.rows(units, Event, Event.kind == "moved"))


async def everything_left(units: Units) -> None:
    """As if the courier had carried all notices."""
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).values(state=NoticeState.SENT))


async def away(units: Units, badge: str, substitute: str | None, clock: FakeClock, days: int = 3) -> None:
    async with units() as unit:
        officer = await cast.officer(unit, badge)
        other = (await cast.officer(unit, substitute)).id if substitute else None
        today = clock.now().astimezone(units.house.zone).date()
        await unit.roster.set_absence(NewAbsence(officer.id, other, today, today + timedelta(days=days)), officer)


# -- silence


async def test_silence_moves_a_tip_through_every_rung_and_at_the_top_the_heads_hear_of_it(
    units: Units, clock: FakeClock
) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    tip = await only_tip(units)
    assert (tip.rung, tip.accept_by) == (Rung.PRECINCT, clock.now() + timedelta(minutes=15))
    await away(units, cast.ASKAR, cast.ASEL, clock)
    assert await climb(units) == []
    holders = []
    for _ in range(3):
        await clock.advance(QUARTER)
        assert await climb(units) == [tip_id]
        assert await climb(units) == []
        tip = await only_tip(units)
        holders.append((tip.rung, tip.officer_id, tip.desk_id))
        assert tip.accept_by == clock.now() + timedelta(minutes=15)
    assert holders == [
        (Rung.SUBSTITUTE, await officer_id(units, cast.ASEL), None),
        (Rung.DISTRICT, None, await desk_id(units, "duty-d1")),
        (Rung.DEPARTMENT, None, await desk_id(units, "duty")),
    ]
    for _ in range(3):
        await clock.advance(QUARTER)
        assert await climb(units) == []
    tip = await only_tip(units)
    assert (tip.rung, tip.accept_by) == (Rung.DEPARTMENT, None)
    alarms = await cast.rows(units, Notice, Notice.kind == NoticeKind.ALARM)
    expected = {await account(units, cast.HEAD), await account(units, cast.ADMIN)}
    assert {alarm.resident_id for alarm in alarms} == expected
    assert len(alarms) == 2
    assert {alarm.facts["alarm"] for alarm in alarms} == {"silent"}
    events = await moves(units)
    assert [(event.reason, event.facts["rung"], event.from_officer_id is None) for event in events] == [
        ("silence", "precinct", False), ("silence", "substitute", False), ("silence", "district", True),
    ]  # fmt: skip
    assert [(event.to_officer_id, event.to_desk_id) for event in events] == [held[1:] for held in holders]


async def test_the_old_holder_the_new_one_and_the_sender_are_told(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        sender = await cast.resident(unit)
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await everything_left(units)
    await clock.advance(QUARTER)
    await climb(units)
    due = await cast.rows(units, Notice, Notice.state == NoticeState.DUE)
    assert [(notice.kind, notice.resident_id, notice.tip_id, notice.lane) for notice in due] == [
        ("tip_moved", sender.id, tip_id, Lane.URGENT),
        ("card", await account(units, cast.DUTY_D1), tip_id, Lane.URGENT),
        ("card_left", await account(units, cast.ASKAR), None, Lane.URGENT),
    ]
    left = due[-1]
    assert left.facts["reason"] == "silence"
    assert left.facts["to"] == ["Өзен ауданының кезекші бөлімі", "Дежурная часть Приречного района"]


async def test_whoever_never_got_the_card_is_not_told_that_it_left(units: Units, clock: FakeClock) -> None:
    """Its card, still on the way, is taken back instead."""
    await cast.sent_tip(units, urgency=Urgency.U1)
    await clock.advance(QUARTER)
    await climb(units)
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD)
    assert [(card.resident_id, card.state) for card in cards] == [
        (await account(units, cast.ASKAR), "cancelled"), (await account(units, cast.DUTY_D1), "due"),
    ]  # fmt: skip
    assert await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_LEFT) == []


async def test_two_moves_before_the_courier_comes_are_told_once(units: Units, clock: FakeClock) -> None:
    await cast.sent_tip(units, urgency=Urgency.U1)
    for _ in range(2):
        await clock.advance(QUARTER)
        await climb(units)
    told = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_MOVED)
    assert [notice.state for notice in told] == ["cancelled", "due"]


async def test_the_sender_of_a_hidden_tip_is_told_through_the_vault_alone(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1, identity=Identity.HIDDEN)
    await clock.advance(QUARTER)
    await climb(units)
    (told,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_MOVED)
    assert (told.resident_id, told.vault_id) == (None, tip_id)


async def test_the_promised_time_stays_until_it_has_passed(units: Units, clock: FakeClock) -> None:
    await cast.sent_tip(units, urgency=Urgency.U1)
    promised = (await only_tip(units)).due_at
    await clock.advance(QUARTER)
    await climb(units)
    assert (await only_tip(units)).due_at == promised
    await clock.advance(QUARTER)
    await climb(units)
    assert (await only_tip(units)).due_at == clock.now() + timedelta(minutes=30)
    told = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_MOVED)
    assert [notice.facts["how"] for notice in told] == ["silence", "late"]


async def test_danger_climbs_too_within_two_minutes(units: Units, clock: FakeClock) -> None:
    await cast.sent_tip(units, "assault", urgency=Urgency.U0)
    await clock.advance(119)
    assert await climb(units) == []
    await clock.advance(1)
    assert len(await climb(units)) == 1
    tip = await only_tip(units)
    assert tip.desk_id == await desk_id(units, "duty")
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD, Notice.state == NoticeState.DUE)
    assert {card.lane for card in cards} == {Lane.URGENT}


@pytest.mark.parametrize("act", ["take", "ask", "answer", "close"])
async def test_whoever_works_on_it_keeps_it(units: Units, clock: FakeClock, act: str) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        officer, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        match act:
            case "take":
                await unit.tips.take(officer, tip_id)
            case "close":
                await unit.tips.close(officer, tip_id, "measures_taken", cast.words(), speaker)
            case _:
                await getattr(unit.tips, act)(officer, tip_id, cast.words(), speaker)
    await clock.advance(timedelta(days=2).total_seconds())
    assert await climb(units) == []
    tip = await only_tip(units)
    assert (tip.officer_id, tip.accept_by) == (officer.id, None)


async def test_taken_at_the_last_second_it_does_not_climb(units: Units, clock: FakeClock) -> None:
    """The beat had already seen it silent."""
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await clock.advance(QUARTER)
    async with units.reading() as unit:
        assert await unit.tips.silent() == [tip_id]
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    async with units() as unit:
        assert not await unit.tips.climb(tip_id)
    assert await moves(units) == []


async def test_taking_and_climbing_at_once_never_both(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await clock.advance(QUARTER)

    async def take() -> bool:
        try:
            async with units() as unit:
                await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
        except KorshiError:
            return False
        return True

    async def climbs() -> bool:
        async with units() as unit:
            return await unit.tips.climb(tip_id)

    taken, climbed = await asyncio.gather(take(), climbs())
    assert taken is not climbed
    tip = await only_tip(units)
    assert (tip.officer_id is not None) is taken
    assert len(await moves(units)) == int(climbed)


async def test_two_processes_climb_at_once_and_it_moves_one_rung(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await clock.advance(QUARTER)

    async def climbs() -> bool:
        async with units() as unit:
            return await unit.tips.climb(tip_id)

    assert sorted(await asyncio.gather(climbs(), climbs(), climbs())) == [False, False, True]
    assert (await only_tip(units)).rung == Rung.DISTRICT
    assert len(await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_MOVED)) == 1


async def test_over_a_weekend_the_clock_of_an_ordinary_tip_stands_and_the_one_on_watch_is_called(
    units: Units, clock: FakeClock
) -> None:
    """Sent on Friday at five: one working hour is left of four. On Monday at noon the department's watch has it."""
    await clock.advance((datetime(2026, 9, 4, 12, 0, tzinfo=UTC) - clock.now()).total_seconds())  # 17:00 in Astana
    await cast.sent_tip(units)
    monday = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
    assert (await only_tip(units)).accept_by == monday
    for now in (datetime(2026, 9, 5, 8, 0, tzinfo=UTC), datetime(2026, 9, 6, 20, 0, tzinfo=UTC)):
        await clock.advance((now - clock.now()).total_seconds())
        assert await climb(units) == []
    async with units.house.database.writing() as session:
        session.add(
            Watch(
                desk_id=await desk_id_in(session, "duty-d1"),
                officer_id=await officer_in(session, cast.DUTY_D1),
                starts_at=monday - timedelta(hours=1),
                ends_at=monday + timedelta(hours=1),
            )
        )
    await clock.advance((monday - clock.now()).total_seconds())
    assert len(await climb(units)) == 1
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD, Notice.state == NoticeState.DUE)
    assert [card.resident_id for card in cards] == [await account(units, cast.DUTY_D1)]


async def desk_id_in(session: Any, code: str) -> int:
    from sqlalchemy import select

    from bot.store.territory import Desk

    return int(await session.scalar(select(Desk.id).where(Desk.code == code)))


async def officer_in(session: Any, badge: str) -> int:
    from sqlalchemy import select

    return int(await session.scalar(select(Officer.id).where(Officer.badge == badge)))


async def test_of_the_duty_unit_the_one_on_watch_is_called(units: Units, clock: FakeClock) -> None:
    async with units.house.database.writing() as session:
        session.add(
            Watch(
                desk_id=await desk_id_in(session, "duty"),
                officer_id=await officer_in(session, DUTY_ALL_TOO),
                starts_at=clock.now() - timedelta(hours=1),
                ends_at=clock.now() + timedelta(hours=5),
            )
        )
    await cast.sent_tip(units, "assault", urgency=Urgency.U0)
    await everything_left(units)
    await clock.advance(120)
    await climb(units)
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD, Notice.state == NoticeState.DUE)
    assert [card.resident_id for card in cards] == [await account(units, DUTY_ALL_TOO)]
    async with units() as unit:  # the others of the desk see it all the same
        assert len(await cast.held(unit, await cast.officer(unit, DUTY_ALL))) == 1


async def test_a_holiday_stops_the_clock(units: Units, clock: FakeClock) -> None:
    holiday = (clock.now() + timedelta(days=1)).date()
    async with units.house.database.writing() as session:
        await session.execute(insert(CalendarDay).values(day=holiday, is_working=False, name_kk="", name_ru=""))
    await cast.sent_tip(units, urgency=Urgency.U3)
    assert (await only_tip(units)).accept_by == datetime(2026, 9, 3, 13, 0, tzinfo=UTC)


async def test_a_complaint_never_leaves_own_security(units: Units, clock: FakeClock) -> None:
    """Nobody else hears of its silence: not the heads, not the administrator."""
    await cast.sent_tip(units, "officer_complaint", urgency=Urgency.U1)
    before = await only_tip(units)
    for _ in range(3):
        await clock.advance(QUARTER)
        assert await climb(units) == []
    tip = await only_tip(units)
    assert (tip.desk_id, tip.officer_id, tip.is_restricted, tip.accept_by) == (before.desk_id, None, True, None)
    alarms = await cast.rows(units, Notice, Notice.kind == NoticeKind.ALARM)
    assert [alarm.resident_id for alarm in alarms] == [await account(units, cast.OWN_SECURITY)]


async def test_a_holder_who_has_left_the_service_does_not_keep_it(units: Units, clock: FakeClock) -> None:
    await cast.sent_tip(units, urgency=Urgency.U1)
    async with units.house.database.writing() as session:
        await session.execute(update(Officer).where(Officer.badge == cast.ASKAR).values(is_active=False))
    await clock.advance(QUARTER)
    assert len(await climb(units)) == 1
    assert (await only_tip(units)).desk_id == await desk_id(units, "duty-d1")


async def test_an_empty_rung_is_skipped(units: Units, clock: FakeClock) -> None:
    """Nobody of the district's duty unit has an account: the department's has it."""
    await cast.sent_tip(units, urgency=Urgency.U1)
    async with units.house.database.writing() as session:
        await session.execute(update(Officer).where(Officer.badge == cast.DUTY_D1).values(resident_id=None))
    await clock.advance(QUARTER)
    await climb(units)
    assert (await only_tip(units)).desk_id == await desk_id(units, "duty")


async def test_files_follow_to_the_new_holder(units: Units, clock: FakeClock) -> None:
    photo = PartDraft(PartKind.PHOTO, "Вот он", MediaDraft(PartKind.PHOTO, "file-1", "image/jpeg", 9))
    await cast.sent_tip(units, urgency=Urgency.U1, parts=[cast.words(), photo])
    (media,) = await cast.rows(units, Media)
    async with units() as unit:
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/png")
    await everything_left(units)
    await clock.advance(QUARTER)
    await climb(units)
    due = await cast.rows(units, Notice, Notice.state == NoticeState.DUE, Notice.kind == NoticeKind.CARD_PART)
    assert [notice.resident_id for notice in due] == [await account(units, cast.DUTY_D1)]


# -- by hand


async def test_to_another_precinct_with_its_reason_and_words(units: Units) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await everything_left(units)
    async with units() as unit:
        there = await cast.precinct_id(unit, "102")
    moved = await hand_over(units, cast.ASKAR, tip_id, words="Двор уже ваш", precinct_id=there)
    asel = await officer_id(units, cast.ASEL)
    tip = await only_tip(units)
    assert (tip.officer_id, tip.state, tip.rung, tip.precinct_id) == (asel, "handed_over", Rung.PRECINCT, there)
    assert (moved.id, moved.number) == (tip_id, tip.number)
    assert moved.holder is not None
    assert "Арқабаева" in moved.holder.kk
    (event,) = await moves(units)
    assert (event.reason, event.officer_id, event.to_officer_id) == (
        "other_precinct", await officer_id(units, cast.ASKAR), asel,
    )  # fmt: skip
    assert "Двор уже ваш".encode() not in event.facts_sealed
    async with units() as unit:
        card = await unit.tips.card(await cast.officer(unit, cast.ASEL), tip_id)
        assert card.note == "Двор уже ваш"
        sent = await unit.tips.sent(await cast.resident(unit), tip_id)
        assert sent.holder == moved.holder
    due = await cast.rows(units, Notice, Notice.state == NoticeState.DUE)
    assert [(notice.kind, notice.resident_id) for notice in due] == [
        ("tip_moved", sent_by(due)), ("card", await account(units, cast.ASEL)),
    ]  # fmt: skip


def sent_by(notices: Any) -> Any:
    return notices[0].resident_id


async def test_its_ladder_is_the_new_precincts(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        there = await cast.precinct_id(unit, "201")
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    await clock.advance(QUARTER)
    await climb(units)
    assert (await only_tip(units)).desk_id == await desk_id(units, "duty-d2")


async def test_in_a_precinct_whose_inspector_is_off_who_stands_in_gets_it(units: Units, clock: FakeClock) -> None:
    await away(units, cast.ASEL, "A-1003", clock)
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        there = await cast.precinct_id(unit, "102")
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    assert (await only_tip(units)).officer_id == await officer_id(units, "A-1003")


async def test_to_a_desk_and_to_the_duty_unit(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    await hand_over(units, cast.ASKAR, tip_id, "other_desk", desk_id=await desk_id(units, "cyberpol"))
    tip = await only_tip(units)
    assert (tip.officer_id, tip.rung) == (None, Rung.DESK)
    await hand_over(units, cast.CYBER, tip_id, "needs_higher", desk_id=await desk_id(units, "duty-d1"))
    tip = await only_tip(units)
    assert (tip.desk_id, tip.rung) == (await desk_id(units, "duty-d1"), Rung.DISTRICT)
    assert [event.reason for event in await moves(units)] == ["other_desk", "needs_higher"]


async def test_a_chain_of_holders_and_only_the_last_one_sees(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        other, third = await cast.precinct_id(unit, "102"), await cast.precinct_id(unit, "103")
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=other)
    await hand_over(units, cast.ASEL, tip_id, precinct_id=third)
    await hand_over(units, "A-1003", tip_id, "other_desk", desk_id=await desk_id(units, "cyberpol"))
    async with units() as unit:
        for badge in (cast.ASKAR, cast.ASEL, "A-1003", cast.DUTY_D1, cast.HEAD):
            officer, speaker = await cast.officer(unit, badge), await cast.resident(unit, 2002)
            assert await cast.held(unit, officer) == []
            for attempt in (
                unit.tips.card(officer, tip_id), unit.tips.take(officer, tip_id),
                unit.tips.ask(officer, tip_id, cast.words(), speaker),
                unit.tips.answer(officer, tip_id, cast.words(), speaker),
                unit.tips.close(officer, tip_id, "measures_taken", cast.words(), speaker),
                unit.tips.hand_over(officer, tip_id, "away", Destination(third)),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await attempt
        for badge in (cast.CYBER, cast.CYBER_TOO):
            assert (await unit.tips.card(await cast.officer(unit, badge), tip_id)).id == tip_id


async def test_what_was_still_on_its_way_to_the_former_holder_does_not_arrive(units: Units) -> None:
    """Written before the move: cancelled. Under way at that moment: refused when it is claimed."""
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        await unit.tips.add(await cast.resident(unit), tip_id, cast.words("Ещё кое-что"))
        there = await cast.precinct_id(unit, "102")
    former = await account(units, cast.ASKAR)
    mine = await cast.rows(units, Notice, Notice.resident_id == former)
    assert [notice.kind for notice in mine] == ["card", "card_added"]
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    mine = await cast.rows(units, Notice, Notice.resident_id == former)
    assert [notice.state for notice in mine] == ["cancelled", "cancelled"]
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).where(Notice.resident_id == former).values(state=NoticeState.DUE))
    async with units() as unit:
        assert await unit.deliveries.claim([notice.id for notice in mine]) == []
    mine = await cast.rows(units, Notice, Notice.resident_id == former)
    assert [(notice.state, notice.error) for notice in mine] == [("cancelled", "not_holder")] * 2


async def test_what_the_former_holder_is_told_carries_nothing_of_the_tip(units: Units, clock: FakeClock) -> None:
    """However late it leaves: the tip has gone to own security meanwhile."""
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await everything_left(units)
    await clock.advance(QUARTER)
    await climb(units)
    await hand_over(units, cast.DUTY_D1, tip_id, "conflict", desk_id=await desk_id(units, "own_security"))
    (left,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_LEFT)
    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([left.id])
    assert (delivery.tip, delivery.part, delivery.officer) == (None, None, None)
    assert set(delivery.facts) == {"number", "reason", "to"}


async def test_every_hop_is_explained(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        there = await cast.precinct_id(unit, "102")
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    await clock.advance(QUARTER)
    await climb(units)
    async with units() as unit:
        explained = await unit.tips.explain(await cast.officer(unit, cast.DUTY_D1), tip_id)
    assert [decision.reason for decision in explained.decisions] == ["precinct", "other_precinct", "silence"]
    for decision, rules in zip(
        explained.decisions, ({"precinct"}, {"handed_over", "precinct"}, {"silence", "district_duty"}), strict=True
    ):
        assert {verdict.rule for verdict in decision.verdicts if verdict.won} == rules


# -- conflict of interest


async def test_who_is_concerned_never_sees_it_again_at_his_own_desk_neither(units: Units, clock: FakeClock) -> None:
    """The inspector also serves at the district's duty unit: one rung up is not his."""
    async with units.house.database.writing() as session:
        askar, duty = await officer_in(session, cast.ASKAR), await desk_id_in(session, "duty-d1")
        session.add(Duty(officer_id=askar, role="duty", desk_id=duty))
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    await hand_over(units, cast.ASKAR, tip_id, "conflict")
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        assert await cast.held(unit, officer) == []
        for attempt in (unit.tips.card(officer, tip_id), unit.tips.take(officer, tip_id)):
            with pytest.raises(NotFound):
                await attempt
        assert len(await cast.held(unit, await cast.officer(unit, cast.DUTY_D1))) == 1
        await unit.tips.take(await cast.officer(unit, cast.DUTY_D1), tip_id)
        with pytest.raises(NotFound):
            await unit.tips.take(officer, tip_id)
    former = await account(units, cast.ASKAR)
    cards = await cast.rows(units, Notice, Notice.resident_id == former, Notice.state == NoticeState.DUE)
    assert cards == []


async def test_it_never_comes_back_to_him_by_hand_or_by_silence(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        here, there = await cast.precinct_id(unit, "101"), await cast.precinct_id(unit, "102")
    await hand_over(units, cast.ASKAR, tip_id, "conflict")
    await hand_over(units, cast.DUTY_D1, tip_id, precinct_id=there)
    await hand_over(units, cast.ASEL, tip_id, precinct_id=here)
    askar = await officer_id(units, cast.ASKAR)
    tip = await only_tip(units)
    assert tip.officer_id != askar
    for _ in range(3):
        await clock.advance(QUARTER)
        await climb(units)
        assert (await only_tip(units)).officer_id != askar


async def test_own_security_holds_it_alone(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    await everything_left(units)
    own = await desk_id(units, "own_security")
    await hand_over(units, cast.ASKAR, tip_id, "conflict", desk_id=own)
    tip = await only_tip(units)
    assert (tip.desk_id, tip.is_restricted, tip.rung) == (own, True, Rung.OWN_SECURITY)
    async with units() as unit:
        for officer in await unit.officers.everyone():
            seen = [view.id for view in await cast.held(unit, officer)]
            assert seen == ([tip_id] if officer.badge == cast.OWN_SECURITY else []), officer.badge
        with pytest.raises(HandoverRefused):
            await unit.tips.hand_over(
                await cast.officer(unit, cast.OWN_SECURITY), tip_id, "away", Destination(tip.precinct_id)
            )


async def test_words_that_name_the_next_holder_take_it_to_own_security(units: Units) -> None:
    """Neither he nor the one who gave it away learns where it is."""
    tip_id = await cast.sent_tip(units, parts=[cast.words("Шумят, а Арқабаева Әсел их покрывает")])
    async with units() as unit:
        there = await cast.precinct_id(unit, "102")
    moved = await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    tip = await only_tip(units)
    assert (tip.is_restricted, tip.desk_id) == (True, await desk_id(units, "own_security"))
    assert moved.holder is None
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD, Notice.state == NoticeState.DUE)
    assert [card.resident_id for card in cards] == [await account(units, cast.OWN_SECURITY)]


async def test_own_security_is_no_place_for_other_reasons(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    with pytest.raises(NotFound):
        await hand_over(units, cast.ASKAR, tip_id, "away", desk_id=await desk_id(units, "own_security"))
    assert (await only_tip(units)).is_restricted is False


# -- what is refused


async def test_it_would_stay_where_it_is(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        here = await cast.precinct_id(unit, "101")
    with pytest.raises(SameHolder):
        await hand_over(units, cast.ASKAR, tip_id, precinct_id=here)
    cyber = await desk_id(units, "cyberpol")
    await hand_over(units, cast.ASKAR, tip_id, "other_desk", desk_id=cyber)
    with pytest.raises(SameHolder):
        await hand_over(units, cast.CYBER, tip_id, "other_desk", desk_id=cyber)
    assert len(await moves(units)) == 1


@pytest.mark.parametrize(
    ("reason", "to"),
    [("nonsense", {"desk_id": 1}), ("away", {"desk_id": 999_999}), ("away", {"precinct_id": 999_999})],
)
async def test_forged_reasons_and_places_change_nothing(units: Units, reason: str, to: dict[str, int]) -> None:
    tip_id = await cast.sent_tip(units)
    with pytest.raises(NotFound):
        await hand_over(units, cast.ASKAR, tip_id, reason, **to)
    assert await moves(units) == []
    assert (await only_tip(units)).state == "routed"


async def test_a_closed_tip_stays(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        officer, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.close(officer, tip_id, "measures_taken", cast.words(), speaker)
        there = await cast.precinct_id(unit, "102")
    with pytest.raises(TipClosed):
        await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)


async def test_a_desk_nobody_has_joined_is_passed_over(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    cyber = await desk_id(units, "cyberpol")
    async with units.house.database.writing() as session:
        people = Officer.badge.in_([cast.CYBER, cast.CYBER_TOO])
        await session.execute(update(Officer).where(people).values(resident_id=None))
    await hand_over(units, cast.ASKAR, tip_id, "other_desk", desk_id=cyber)
    assert (await only_tip(units)).desk_id == await desk_id(units, "duty-d1")


async def test_the_reasons_are_the_departments_own(units: Units) -> None:
    async with units.house.database.writing() as session:
        await session.execute(delete(HandoverReason).where(HandoverReason.code != "away"))
        session.add(HandoverReason(code="flood", name_kk="Су басты", name_ru="Потоп", is_misroute=False, position=1))
    async with units() as unit:
        reasons = await unit.tips.handover_reasons()
    assert {reason.code: reason.name for reason in reasons}["flood"] == Bilingual("Су басты", "Потоп")


async def test_a_tip_in_work_handed_over_waits_to_be_taken_again(units: Units, clock: FakeClock) -> None:
    tip_id = await cast.sent_tip(units, urgency=Urgency.U1)
    async with units() as unit:
        officer, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.ask(officer, tip_id, cast.words("Где?"), speaker)
        there = await cast.precinct_id(unit, "102")
    await hand_over(units, cast.ASKAR, tip_id, precinct_id=there)
    tip = await only_tip(units)
    assert (tip.state, tip.taken_at, tip.accept_by) == ("handed_over", None, clock.now() + timedelta(minutes=15))
    async with units() as unit:
        view = await unit.tips.take(await cast.officer(unit, cast.ASEL), tip_id)
    assert view.state == "taken"
