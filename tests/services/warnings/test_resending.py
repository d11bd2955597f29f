"""What has left is sent again only to those it did not reach, or of whom nobody knows and an officer says so."""

from datetime import timedelta

import pytest
from sqlalchemy import update

import bot.fanout
from bot.errors import WarningNotOut
from bot.fanout import Resends
from bot.services.deliveries import Report
from bot.services.unit import Units
from bot.services.warnings import WarningView, resending
from bot.store.audit import AuditEntry
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.warnings import Warning
from bot.terms import EndpointState, NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all, spread
from tests.services.warnings.test_changing import CHANGES, correct, gone, spread_change


async def test_only_those_not_reached_get_it_again_once_they_can_be(units: Units, clock: FakeClock) -> None:
    warning = await publish(units)
    await open_windows(units)
    async with units() as unit:
        closed = [await cast.resident(unit, number) for number in (1002, 1003)]
        for person in closed:
            await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked")
    await spread(units, warning.id)
    await send_all(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=WarningState.DONE))
        open_again = update(Endpoint).where(Endpoint.id == closed[0].endpoint_id)
        await session.execute(open_again.values(state=EndpointState.OPEN))
    await clock.advance(600)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        assert await unit.warnings.missed(warning.id) == 1
        assert await unit.warnings.resend(author, warning.id) == 1
    (row,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.DUE)
    assert (row.resident_id, row.attempts, row.error) == (closed[0].id, 0, "")
    assert row.expires_at is not None
    assert row.expires_at > clock.now() + timedelta(days=2)
    await send_all(units)
    async with units() as unit:
        assert await unit.warnings.resend(author, warning.id) == 0


@pytest.mark.parametrize("state", [WarningState.CANCELLED, WarningState.STOPPED, WarningState.PAUSED])
async def test_what_was_broken_off_is_not_sent_again(units: Units, state: WarningState) -> None:
    warning = await gone(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=state))
    async with units() as unit:
        with pytest.raises(WarningNotOut):
            await unit.warnings.resend(await cast.officer(unit, cast.ASKAR), warning.id)


async def missed_by_all(units: Units, monkeypatch: pytest.MonkeyPatch) -> WarningView:
    """22 recipients whom it did not reach and who can be reached now; portions of four."""
    monkeypatch.setattr(resending, "FIRST_AGAIN", 4)
    monkeypatch.setattr(bot.fanout, "FIRST_CHUNK", 4)
    monkeypatch.setattr(bot.fanout, "next_chunk", lambda *_args: 4)
    warning = await gone(units)
    async with units.house.database.writing() as session:
        of_it = (Notice.warning_id == warning.id, Notice.kind == NoticeKind.WARNING)
        await session.execute(update(Notice).where(*of_it).values(state=NoticeState.FAILED, error="unreachable"))
        await session.execute(update(Warning).values(state=WarningState.DONE))
    return warning


async def yes() -> bool:
    return True


DUE_AGAIN = (Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.DUE)


async def test_very_many_are_sent_again_in_portions(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = await missed_by_all(units, monkeypatch)
    async with units() as unit:
        assert await unit.warnings.resend(await cast.officer(unit, cast.ASKAR), warning.id) == 4
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == 4
    assert await send_all(units, NoticeState.FAILED) >= 4  # the first few are refused once more meanwhile
    async with units() as unit:
        await unit.warnings.watch({})
        assert (await unit.warnings.get(warning.id)).state is WarningState.SENDING  # not over: the rest is to come
        assert await unit.warnings.resending() == [warning.id]
    locks = await Resends(units, yes).send_again(warning.id)
    assert len(locks) == 5
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == 18  # nobody a third time
    async with units() as unit:
        assert await unit.warnings.resending() == []


async def test_a_recall_stops_a_resend(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = await missed_by_all(units, monkeypatch)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        await unit.warnings.resend(author, warning.id)
    async with units() as unit:
        await unit.warnings.recall(author, warning.id)
    assert not await Resends(units, yes).step()
    assert await cast.rows(units, Notice, *DUE_AGAIN) == []
    async with units() as unit:
        assert await unit.warnings.resending() == []


async def test_so_many_that_could_be_reached_now_are_not_counted_to_the_end(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resending, "COUNTED_AT_ONCE", 10)
    warning = await missed_by_all(units, monkeypatch)
    async with units.reading() as unit:
        assert await unit.warnings.missed(warning.id) == 11


# -- where nobody knows whether it arrived


DOUBT = (Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.UNKNOWN)


async def doubted(units: Units, many: int = 3) -> tuple[WarningView, set[int]]:
    """A warning that all have but these people on Telegram, of whom nobody knows."""
    warning = await gone(units)
    of_it = (Notice.kind == NoticeKind.WARNING, Notice.messenger == "telegram", Notice.resident_id.is_not(None))
    who = {row.resident_id for row in (await cast.rows(units, Notice, *of_it))[:many]}
    async with units.house.database.writing() as session:
        lost = update(Notice).where(Notice.kind == NoticeKind.WARNING, Notice.resident_id.in_(who))
        values = {
            "state": NoticeState.UNKNOWN,
            "error": "unknown",
            "seal_id": None,
            "message_sealed": None,
            "ref": None,
        }
        await session.execute(lost.values(**values))
        await session.execute(update(Warning).values(state=WarningState.DONE, repeats_doubt=False))
    return warning, who


async def again(units: Units, warning: WarningView, *, in_doubt: bool = True) -> int:
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        return await unit.warnings.resend(author, warning.id, in_doubt=in_doubt)


async def test_a_doubt_is_said_again_on_an_officers_word_alone(units: Units) -> None:
    warning, who = await doubted(units)
    async with units.reading() as unit:
        assert await unit.warnings.missed(warning.id) == 0
        assert await unit.warnings.missed(warning.id, in_doubt=True) == 3
    assert await again(units, warning, in_doubt=False) == 0
    assert await again(units, warning) == 3
    due = await cast.rows(units, Notice, *DUE_AGAIN)
    assert {row.resident_id for row in due} == who
    assert {(row.error, row.attempts) for row in due} == {("unknown", 0)}  # WhatsApp is asked first what became of it
    async with units.reading() as unit:
        assert (await unit.warnings.get(warning.id)).state is WarningState.SENDING
    await send_all(units)
    assert await cast.rows(units, Notice, *DOUBT) == []
    entries = await cast.rows(units, AuditEntry, AuditEntry.action == "warning_resent")
    assert [entry.facts["in_doubt"] for entry in entries] == [True]


async def test_whose_chat_is_closed_stays_in_doubt(units: Units) -> None:
    warning, who = await doubted(units)
    async with units.house.database.writing() as session:
        blocked = update(Endpoint).where(Endpoint.resident_id == min(who)).values(state=EndpointState.BLOCKED)
        await session.execute(blocked)
    assert await again(units, warning) == 2
    assert {row.resident_id for row in await cast.rows(units, Notice, *DOUBT)} == {min(who)}


async def test_what_waits_to_be_said_again_is_still_in_doubt_to_a_recall(units: Units) -> None:
    warning, who = await doubted(units)
    await again(units, warning)
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    assert {row.resident_id for row in await cast.rows(units, Notice, *DOUBT)} == who
    await spread_change(units, warning.id)
    told = {row.resident_id for row in await cast.rows(units, Notice, CHANGES)}
    assert who <= told


async def test_who_was_told_of_the_correction_is_in_no_doubt_any_more(units: Units) -> None:
    warning, who = await doubted(units)
    await correct(units, warning.id)
    await spread_change(units, warning.id)
    first, *_ = sorted(who)
    async with units.house.database.writing() as session:  # this one's messenger refused the correction
        await session.execute(update(Notice).where(CHANGES, Notice.talk == first).values(state=NoticeState.FAILED))
    async with units.reading() as unit:
        assert await unit.warnings.missed(warning.id, in_doubt=True) == 1
    assert await again(units, warning) == 1
    assert {row.resident_id for row in await cast.rows(units, Notice, *DUE_AGAIN)} == {first}


async def test_both_are_sent_again_in_portions(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending, "FIRST_AGAIN", 2)
    monkeypatch.setattr(bot.fanout, "FIRST_CHUNK", 2)
    monkeypatch.setattr(bot.fanout, "next_chunk", lambda *_args: 2)
    warning, who = await doubted(units, 5)
    async with units.house.database.writing() as session:
        of_it = (Notice.warning_id == warning.id, Notice.kind == NoticeKind.WARNING, Notice.resident_id.not_in(who))
        await session.execute(update(Notice).where(*of_it).values(state=NoticeState.FAILED, error="unreachable"))
    assert await again(units, warning) == 2
    assert await again(units, warning, in_doubt=False) == 2
    async with units() as unit:
        assert await unit.warnings.resending() == [warning.id]
        assert await unit.warnings.has_open(warning.id)
    await Resends(units, yes).step()
    due = await cast.rows(units, Notice, *DUE_AGAIN, Notice.resident_id.is_not(None))
    assert {row.resident_id for row in due if row.error == "unknown"} == who
    assert {row.resident_id for row in due if not row.error}.isdisjoint(who)
    assert await cast.rows(units, Notice, *DOUBT) == []
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == 20
    async with units() as unit:
        assert await unit.warnings.resending() == []


async def test_a_late_word_of_the_messenger_ends_a_doubt_before_it_is_said_again(units: Units) -> None:
    warning, who = await doubted(units)
    await again(units, warning)
    first = (await cast.rows(units, Notice, *DUE_AGAIN))[0]
    async with units() as unit:
        await unit.deliveries.report([Report(first.id, "SM1", NoticeState.DELIVERED)])
    (row,) = await cast.rows(units, Notice, Notice.id == first.id)
    assert row.state == NoticeState.DELIVERED
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == len(who) - 1
