"""A warning reaches everybody it concerns, exactly once, and nobody else."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.config import QuietHours
from bot.errors import NotAllowed, NotFound, NothingToSend, WarningIncomplete, WarningTooLong
from bot.i18n import Bilingual
from bot.services.chats import Binding
from bot.services.deliveries import Report, Settlement
from bot.services.unit import Units
from bot.services.warnings import CAPTION_LIMIT, TEXT_LIMIT, Audience, Progress, WarningDraft, WarningView
from bot.store.audit import AuditEntry
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, Messenger, NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast

TEXT = Bilingual("Кодты ешкімге айтпаңыз", "Никому не называйте код")
MINE = Notice.kind == NoticeKind.WARNING


async def publish(units: Units, badge: str = cast.ASKAR, **more: Any) -> WarningView:
    async with units() as unit:
        author = await cast.officer(unit, badge)
        more.setdefault("audience", unit.warnings.audience_of(author))
        return await unit.warnings.publish(author, WarningDraft(TEXT, **more))


async def open_windows(units: Units) -> None:
    """Everybody on WhatsApp wrote a moment ago: free text is allowed."""
    async with units.house.database.writing() as session:
        until = units.house.clock.now() + timedelta(days=7)
        await session.execute(update(Endpoint).values(window_until=until))


async def spread(units: Units, warning_id: int, chunk: int = 7) -> None:
    done = False
    while not done:
        async with units() as unit:
            done = await unit.warnings.spread(warning_id, chunk)


async def recipients(units: Units) -> list[tuple[int | None, int | None]]:
    return [(notice.chat_id, notice.resident_id) for notice in await cast.rows(units, Notice, MINE)]


async def send_all(units: Units, state: NoticeState = NoticeState.SENT, limit: int = 1000) -> int:
    """What the courier would do, on both messengers."""
    count = 0
    for messenger in Messenger:
        async with units() as unit:
            waiting = await unit.deliveries.waiting(messenger, [], limit)
            ready = await unit.deliveries.claim([item.id for item in waiting])
            await unit.deliveries.settle(
                [Settlement(item.id, item.fence, state, message=f"m{item.id}") for item in ready]
            )
            count += len(ready)
    return count


# -- who


async def test_reach_counts_groups_and_subscribers_by_messenger(units: Units) -> None:
    async with units() as unit:
        reach = await unit.warnings.reach(Audience((await cast.precinct_id(unit),)))
        everyone = await unit.warnings.reach(Audience(everyone=True))
    assert (reach.chats, reach.telegram, reach.whatsapp, reach.unreachable, reach.people) == (2, 18, 2, 0, 20)
    assert (everyone.chats, everyone.telegram, everyone.whatsapp) == (24, 216, 24)


async def test_those_who_closed_their_chat_are_counted_apart(units: Units) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
        await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked")
        stopped = await cast.resident(unit, 1003)
        await unit.residents.stop(stopped)
        reach = await unit.warnings.reach(Audience(everyone=True))
    assert (reach.telegram, reach.unreachable) == (214, 1)


async def test_an_inspector_warns_his_precinct_and_staff_the_department(units: Units) -> None:
    async with units() as unit:
        mine = Audience((await cast.precinct_id(unit),))
        assert unit.warnings.audience_of(await cast.officer(unit, cast.ASKAR)) == mine
        assert unit.warnings.audience_of(await cast.officer(unit, cast.STAFF)).everyone
        with pytest.raises(NotAllowed):
            unit.warnings.audience_of(await cast.officer(unit, cast.CYBER))
        other = Audience((await cast.precinct_id(unit, "102"),))
    for audience in (Audience(everyone=True), other):
        with pytest.raises(NotAllowed):
            await publish(units, audience=audience)


# -- checks


async def test_both_languages_and_a_length_that_fits_both_messengers(units: Units) -> None:
    async with units() as unit:
        check = unit.warnings.check
        for incomplete in (Bilingual("", "Текст"), Bilingual("Мәтін", " \n")):
            with pytest.raises(WarningIncomplete):
                check(incomplete)
        check(Bilingual("ә" * TEXT_LIMIT, "я" * TEXT_LIMIT))
        check(Bilingual("ә" * CAPTION_LIMIT, "я"), with_media=True)
        for too_long in ("я" * (TEXT_LIMIT + 1), "🆘" * (TEXT_LIMIT // 2 + 1)):  # an emoji is two UTF-16 units
            with pytest.raises(WarningTooLong) as refused:
                check(Bilingual("Мәтін", too_long))
            assert refused.value.facts["limit"] == TEXT_LIMIT
        with pytest.raises(WarningTooLong):
            check(Bilingual("ә" * (CAPTION_LIMIT + 1), "я"), with_media=True)


async def test_every_scheme_card_can_be_sent_with_a_picture(units: Units) -> None:
    async with units() as unit:
        schemes = await unit.warnings.schemes()
        for scheme in schemes:
            unit.warnings.check(scheme.text, with_media=True)
        with pytest.raises(NotFound):
            await unit.warnings.scheme("no_such_scheme")
    assert len(schemes) == 16


async def test_urgent_needs_a_written_reason(units: Units) -> None:
    with pytest.raises(NotAllowed):
        await publish(units, is_urgent=True, reason="  ")
    warning = await publish(units, is_urgent=True, reason="Бала жоғалды")
    await spread(units, warning.id)
    assert {notice.lane for notice in await cast.rows(units, Notice, MINE)} == {Lane.URGENT}


async def test_a_warning_for_nobody_is_refused(units: Units) -> None:
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).values(state=EndpointState.LEFT))
        await session.execute(update(Endpoint).values(state=EndpointState.BLOCKED))
    with pytest.raises(NothingToSend):
        await publish(units)
    assert await cast.rows(units, Warning) == []


async def test_publishing_is_audited_and_the_author_gets_his_progress_message(units: Units) -> None:
    warning = await publish(units)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
    (entry,) = await cast.rows(units, AuditEntry, AuditEntry.action == "warning_published")
    assert (entry.officer_id, entry.subject) == (author.id, f"warning:{warning.id}")
    assert await cast.told(units) == [("warning_progress", author.resident_id)]
    assert len(warning.code) == 6


# -- fan-out


async def test_everybody_once(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    found = Counter(await recipients(units))
    assert set(found.values()) == {1}
    assert len([chat for chat, _resident in found if chat]) == 2
    assert len([resident for _chat, resident in found if resident]) == 20
    async with units() as unit:
        assert (await unit.warnings.get(warning.id)).state is WarningState.SENDING
        assert await unit.warnings.spreading() == []


async def test_a_crash_between_and_inside_chunks_doubles_and_loses_nobody(units: Units) -> None:
    warning = await publish(units, cast.STAFF)
    done, step = False, 0
    while not done:
        step += 1
        if step % 3 == 2:  # dies before its commit
            with pytest.raises(ConnectionError):
                async with units() as unit:
                    await unit.warnings.spread(warning.id, 17)
                    raise ConnectionError
        async with units() as unit:
            done = await unit.warnings.spread(warning.id, 17)
    found = Counter(await recipients(units))
    assert set(found.values()) == {1}
    assert len(found) == 24 + 240
    await spread(units, warning.id)
    assert len(await recipients(units)) == 24 + 240


async def test_two_processes_spread_at_once_and_still_everybody_once(units: Units) -> None:
    warning = await publish(units, cast.STAFF)
    await asyncio.gather(spread(units, warning.id, 11), spread(units, warning.id, 11))
    found = Counter(await recipients(units))
    assert (len(found), set(found.values())) == (264, {1})


async def test_the_audience_is_that_of_the_approval(units: Units, clock: FakeClock) -> None:
    """Who subscribes or comes later is not warned; who stopped before his chunk is not either."""
    warning = await publish(units)
    await clock.advance(60)
    async with units() as unit:
        late = await cast.newcomer(unit)
        await unit.residents.settle(late, await cast.precinct_id(unit))
        await unit.subscriptions.subscribe(late.id)
        chat = await unit.chats.added(Messenger.TELEGRAM, "-100777", "Жаңа көршілер")
        await unit.chats.bind(chat.id, Binding(await cast.precinct_id(unit)), await cast.officer(unit, cast.ASKAR))
        gone = await cast.resident(unit)
        await unit.residents.stop(gone)
    await spread(units, warning.id)
    found = await recipients(units)
    assert len(found) == 2 + 19
    assert (chat.id, None) not in found
    assert {resident for _chat, resident in found}.isdisjoint({late.id, gone.id})


async def test_a_person_on_two_messengers_is_one_recipient(units: Units) -> None:
    """He is reached where he was heard last."""
    async with units.house.database.writing() as session:
        person = (await session.get_one(Resident, (await cast.rows(units, Endpoint))[0].resident_id)).id
        second = Endpoint(
            id=77, messenger="whatsapp", fingerprint=b"f" * 32, resident_id=person, heard_at=units.house.clock.now(),
            state="open", state_reason="",
        )  # fmt: skip
        second.address = "+77010009988"
        session.add(second)
    warning = await publish(units, cast.STAFF)
    await spread(units, warning.id)
    assert len(await recipients(units)) == 24 + 240


# -- steering


async def test_a_paused_fan_out_goes_on_behind_its_cursor(units: Units) -> None:
    await open_windows(units)
    warning = await publish(units)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        await unit.warnings.spread(warning.id, 5)
        await unit.warnings.spread(warning.id, 5)
        assert (await unit.warnings.pause(author, warning.id)).state is WarningState.PAUSED
    before = len(await recipients(units))
    await spread(units, warning.id)
    assert len(await recipients(units)) == before
    async with units() as unit:
        assert await unit.deliveries.waiting(Messenger.WHATSAPP, []) == []
        waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [])
        assert len(waiting) == 1  # the author's own progress message is not held
        resumed = await unit.warnings.pause(author, warning.id, paused=False)
        assert resumed.state is WarningState.SPREADING
    await spread(units, warning.id)
    assert len(await recipients(units)) == 22
    assert await send_all(units) == 23


async def test_a_claim_that_overtakes_a_pause_is_given_back(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    async with units() as unit:
        waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [])
        await unit.warnings.pause(await cast.officer(unit, cast.ASKAR), warning.id)
        ready = await unit.deliveries.claim([item.id for item in waiting])
        assert [item.kind for item in ready] == [NoticeKind.WARNING_PROGRESS]
    assert {notice.state for notice in await cast.rows(units, Notice, MINE)} == {"due"}


async def test_cancelling_stops_what_has_not_left(units: Units) -> None:
    await open_windows(units)
    warning = await publish(units)
    await spread(units, warning.id)
    async with units() as unit:
        (first, *_rest) = await unit.deliveries.waiting(Messenger.WHATSAPP, [])
        (claimed,) = await unit.deliveries.claim([first.id])
        await unit.deliveries.settle([Settlement(claimed.id, claimed.fence, NoticeState.SENT, message="SM1")])
        author = await cast.officer(unit, cast.ASKAR)
        assert (await unit.warnings.cancel(author, warning.id)).state is WarningState.CANCELLED
        progress = await unit.warnings.progress(warning.id)
    assert (progress.prepared, progress.sent, progress.waiting) == (22, 1, 0)
    assert await send_all(units) == 1  # the progress message
    assert len(await cast.rows(units, AuditEntry, AuditEntry.action == "warning_cancelled")) == 1


async def test_cancelled_while_spreading_it_writes_no_more(units: Units) -> None:
    warning = await publish(units)
    async with units() as unit:
        await unit.warnings.spread(warning.id, 5)
        await unit.warnings.cancel(await cast.officer(unit, cast.ASKAR), warning.id)
        assert await unit.warnings.spread(warning.id, 5)
    assert {notice.state for notice in await cast.rows(units, Notice, MINE)} == {"cancelled"}


async def test_only_the_author_and_the_heads_steer(units: Units) -> None:
    warning = await publish(units)
    async with units() as unit:
        for badge in (cast.ASEL, cast.STAFF, cast.CYBER):
            stranger = await cast.officer(unit, badge)
            for attempt in (unit.warnings.pause(stranger, warning.id), unit.warnings.cancel(stranger, warning.id)):
                with pytest.raises(NotFound):
                    await attempt
        for badge in (cast.ASKAR, cast.HEAD, cast.ADMIN):
            assert (await unit.warnings.watched(await cast.officer(unit, badge), warning.id)).id == warning.id


# -- night


async def test_at_night_a_warning_waits_and_an_urgent_one_does_not(units: Units, clock: FakeClock) -> None:
    await open_windows(units)
    units.house.quiet = QuietHours(time(22), time(8))
    await clock.advance(timedelta(hours=14).total_seconds())  # 23:00
    morning = clock.now() + timedelta(hours=9)
    warning = await publish(units)
    assert warning.due_at == morning
    await spread(units, warning.id)
    assert await send_all(units) == 1  # the author's own message only
    urgent = await publish(units, is_urgent=True, reason="Бала жоғалды")
    assert urgent.due_at == clock.now()
    await spread(units, urgent.id)
    assert await send_all(units) == 23
    await clock.advance(timedelta(hours=9).total_seconds())
    assert await send_all(units) == 22


# -- progress


async def test_progress_says_who_was_not_reached_and_why(units: Units) -> None:
    await open_windows(units)
    warning = await publish(units)
    await spread(units, warning.id)
    notices: Sequence[Notice] = await cast.rows(units, Notice, MINE)
    async with units() as unit:
        claimed = await unit.deliveries.claim([notice.id for notice in notices])
        states = [
            (NoticeState.FAILED, "left"), (NoticeState.SENT, ""), (NoticeState.SENT, ""), (NoticeState.SENT, ""),
            (NoticeState.FAILED, "blocked"), (NoticeState.UNKNOWN, ""), (NoticeState.SKIPPED, "no_template"),
        ]  # fmt: skip
        await unit.deliveries.settle(
            [
                Settlement(item.id, item.fence, state, error=error, message=f"m{item.id}" if not error else None)
                for item, (state, error) in zip(claimed, states, strict=False)
            ]
        )
        read = Report(claimed[1].id, f"m{claimed[1].id}", NoticeState.READ, messenger=claimed[1].messenger)
        await unit.deliveries.report([read])
        progress = await unit.warnings.progress(warning.id)
    assert progress.prepared == 22
    assert (progress.sent, progress.delivered, progress.waiting) == (3, 1, 15)
    assert progress.failed == {"left": 1, "blocked": 1, "unknown": 1, "no_template": 1}
    assert progress.lost_chats == ("Көршілер · Жағалау көшесі",)


async def test_the_authors_message_is_edited_only_while_something_moves(units: Units) -> None:
    warning = await publish(units)
    card = (await cast.rows(units, Notice))[0].id
    seen: dict[int, Progress] = {}

    async def watch() -> str:
        async with units() as unit:
            await unit.warnings.watch(seen)
        (row,) = await cast.rows(units, Notice, Notice.id == card)
        return str(row.state)

    async def say_card() -> None:
        async with units() as unit:
            (item,) = await unit.deliveries.claim([card])
            await unit.deliveries.settle([Settlement(item.id, item.fence, NoticeState.SENT, message="5")])

    await say_card()
    await spread(units, warning.id)
    assert await watch() == "due"
    await say_card()
    assert await watch() == "sent"  # nothing moved
    await send_all(units)
    assert await watch() == "due"  # and ended
    async with units() as unit:
        assert (await unit.warnings.get(warning.id)).state is WarningState.DONE
        (item,) = await unit.deliveries.claim([card])
        assert (item.message, item.lane) == ("5", Lane.EDIT)


async def test_an_authors_list_is_his_own(units: Units) -> None:
    first, second = await publish(units), await publish(units)
    await publish(units, cast.ASEL)
    async with units() as unit:
        mine = await unit.warnings.of_author(await cast.officer(unit, cast.ASKAR))
    assert [warning.id for warning in mine] == [second.id, first.id]
