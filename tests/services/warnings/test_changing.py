"""What has left is recalled or corrected once for each who got it."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import update

from bot.config import QuietHours
from bot.errors import ChangedSince, NotFound, WarningIncomplete, WarningNotOut
from bot.i18n import Bilingual
from bot.services.deliveries import Settlement
from bot.services.unit import Units
from bot.services.warnings import WarningView
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.terms import Language, Messenger, NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import TEXT, open_windows, publish, send_all, spread

CHANGES = Notice.kind == NoticeKind.WARNING_CHANGE
NEW = Bilingual("Түзетілген мәтін", "Исправленный текст")


async def gone(units: Units) -> WarningView:
    """A warning of precinct 101 that all 22 recipients have."""
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    assert await send_all(units) >= 22
    return warning


async def correct(units: Units, warning_id: int, words: Bilingual = NEW) -> WarningView:
    """Written by its author, approved by the head."""
    async with units() as unit:
        await unit.warnings.correct(await cast.officer(unit, cast.ASKAR), warning_id, words)
    async with units() as unit:
        head = await cast.officer(unit, cast.HEAD)
        (proposal,) = await unit.warnings.corrections_awaiting(head)
        return await unit.warnings.approve_correction(head, proposal.id, proposal.stamp)


async def spread_change(units: Units, warning_id: int, chunk: int = 5) -> None:
    done = False
    while not done:
        async with units() as unit:
            done = await unit.warnings.spread_change(warning_id, chunk)


async def test_a_recall_reaches_each_who_got_it_once(units: Units) -> None:
    warning = await gone(units)
    async with units() as unit:
        seen = await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
        assert await unit.warnings.changing() == [warning.id]
    assert (seen.is_recalled, seen.change) == (True, 1)
    await spread_change(units, warning.id)
    await spread_change(units, warning.id)
    changes = await cast.rows(units, Notice, CHANGES)
    assert len(changes) == 22
    assert len({(row.resident_id, row.chat_id) for row in changes}) == 22
    assert {row.message for row in changes} == {
        row.message for row in await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING)
    }
    async with units.reading() as unit:
        assert await unit.warnings.changing() == []


async def test_a_recall_stops_what_has_not_left(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    assert await send_all(units) <= 1  # the author's own progress message
    states = {row.state for row in await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING)}
    assert states == {NoticeState.CANCELLED}
    await spread_change(units, warning.id)
    assert await cast.rows(units, Notice, CHANGES) == []


async def test_a_correction_goes_to_those_who_have_it_and_is_what_the_rest_gets(units: Units) -> None:
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    async with units() as unit:
        waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [], 100)
        some = [item.id for item in waiting if not item.is_group][:3]
        ready = await unit.deliveries.claim(some)
    seen = await correct(units, warning.id)
    assert seen.published == NEW
    async with units() as unit:  # three are under way: their turn comes when it is known what became of them
        assert await unit.warnings.spread_change(warning.id)
    assert await cast.rows(units, Notice, CHANGES) == []
    async with units() as unit:
        await unit.deliveries.settle(
            [Settlement(item.id, item.fence, NoticeState.SENT, message=f"m{item.id}") for item in ready]
        )
    await spread_change(units, warning.id, chunk=2)
    theirs = [item for item in ready if item.kind is NoticeKind.WARNING]
    assert len(await cast.rows(units, Notice, CHANGES)) == len(theirs) > 0


async def test_a_later_change_replaces_one_that_has_not_left(units: Units) -> None:
    warning = await gone(units)
    await correct(units, warning.id)
    await spread_change(units, warning.id)
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    await spread_change(units, warning.id)
    due = await cast.rows(units, Notice, CHANGES, Notice.state == NoticeState.DUE)
    assert len(due) == 22
    assert {row.part_id for row in due} == {2}


async def test_what_cannot_be_changed(units: Units) -> None:
    warning = await gone(units)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        with pytest.raises(NotFound):
            await unit.warnings.recall(await cast.officer(unit, cast.ASEL), warning.id)
        with pytest.raises(WarningIncomplete):
            await unit.warnings.correct(author, warning.id, Bilingual(NEW.kk, " "))
        await unit.warnings.recall(author, warning.id)
        with pytest.raises(WarningNotOut):
            await unit.warnings.correct(author, warning.id, NEW)
        with pytest.raises(WarningNotOut):
            await unit.warnings.resend(author, warning.id)


async def test_who_got_the_corrected_text_at_once_is_not_told_of_the_correction(units: Units) -> None:
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    async with units() as unit:
        waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [], 100)
        some = [item.id for item in waiting if not item.is_group and item.ready][:4]
        first = await unit.deliveries.claim_ready([item.ready for item in waiting if item.ready and item.id in some])
        await unit.deliveries.settle([Settlement(item.id, item.fence, NoticeState.SENT, message="1") for item in first])
    await correct(units, warning.id)
    await send_all(units)  # the rest, with the corrected text
    await spread_change(units, warning.id)
    changes = await cast.rows(units, Notice, CHANGES)
    assert {row.resident_id for row in changes} == {item.resident_id for item in first}
    assert len(changes) == 4
    async with units.reading() as unit:
        assert await unit.warnings.changing() == []


async def test_a_change_under_way_is_not_said_after_the_next_one(units: Units) -> None:
    warning = await gone(units)
    await correct(units, warning.id)
    await spread_change(units, warning.id)
    first = (await cast.rows(units, Notice, CHANGES, Notice.messenger == Messenger.TELEGRAM))[0]
    async with units() as unit:
        (ready,) = await unit.deliveries.claim([first.id])
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    await spread_change(units, warning.id)
    async with units() as unit:  # the messenger could not be reached: it would be tried again
        await unit.deliveries.settle([Settlement(ready.id, ready.fence, NoticeState.DUE, due_at=unit.clock.now())])
        assert await unit.deliveries.claim([ready.id]) == []
    (row,) = await cast.rows(units, Notice, Notice.id == ready.id)
    assert (row.state, row.error) == (NoticeState.CANCELLED, "replaced")


async def test_a_correction_of_what_was_changed_meanwhile_is_refused(units: Units) -> None:
    warning = await gone(units)
    await correct(units, warning.id)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        with pytest.raises(ChangedSince):
            await unit.warnings.correct(author, warning.id, Bilingual("Басқа", "Другое"), seen=0)


async def test_at_night_only_edits_go_at_once(units: Units, clock: FakeClock) -> None:
    warning = await gone(units)
    units.house.quiet = QuietHours(time(22), time(8))
    await clock.advance((datetime(2026, 11, 27, 18, 0, tzinfo=UTC) - clock.now()).total_seconds())  # 23:00
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    await spread_change(units, warning.id)
    changes = await cast.rows(units, Notice, CHANGES)
    by_night = {row.messenger for row in changes if row.due_at <= clock.now()}
    in_the_morning = {row.messenger for row in changes if row.due_at > clock.now()}
    assert (by_night, in_the_morning) == ({"telegram"}, {"whatsapp"})


# -- a correction of one language


NEW_KK = Bilingual(NEW.kk, TEXT.ru)
NEW_RU = Bilingual(TEXT.kk, NEW.ru)


async def readers(units: Units, language: Language | None) -> set[int]:
    found = await cast.rows(units, Resident, Resident.language == language)
    sent = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.resident_id.is_not(None))
    return {row.id for row in found} & {row.resident_id for row in sent}


async def told(units: Units, change: int) -> set[int]:
    """Who the change's notices go to: people and groups."""
    return {row.talk for row in await cast.rows(units, Notice, CHANGES, Notice.part_id == change)}


async def groups(units: Units) -> set[int]:
    return {
        row.chat_id
        for row in await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.chat_id.is_not(None))
    }


async def corrected(units: Units, warning: WarningView, words: Bilingual, change: int) -> set[int]:
    await correct(units, warning.id, words)
    await spread_change(units, warning.id)
    found = await told(units, change)
    await send_all(units)
    return found


async def test_who_reads_the_other_language_is_not_told_of_a_correction(units: Units) -> None:
    warning = await gone(units)
    kk, ru, chats = await readers(units, Language.KK), await readers(units, Language.RU), await groups(units)
    assert (bool(kk), bool(ru), len(chats)) == (True, True, 2)
    assert await corrected(units, warning, NEW_KK, 1) == kk | chats
    assert await corrected(units, warning, NEW, 2) == ru | chats  # now the Russian text: Kazakh is as they have it
    assert await corrected(units, warning, Bilingual(TEXT.kk, NEW.ru), 3) == kk | chats  # back to the first words
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    await spread_change(units, warning.id)
    assert await told(units, 4) == kk | ru | chats


async def test_who_has_not_chosen_a_language_has_both_texts(units: Units) -> None:
    warning = await gone(units)
    ru, chats = await readers(units, Language.RU), await groups(units)
    neither = min(await readers(units, Language.KK))
    async with units.house.database.writing() as session:
        await session.execute(update(Resident).where(Resident.id == neither).values(language=None))
    assert await corrected(units, warning, NEW_RU, 1) == ru | chats | {neither}


async def test_whom_the_first_correction_did_not_reach_is_told_by_the_second(units: Units) -> None:
    warning = await gone(units)
    kk, ru, chats = await readers(units, Language.KK), await readers(units, Language.RU), await groups(units)
    await correct(units, warning.id, NEW_KK)
    await spread_change(units, warning.id)
    missed, doubted, *_ = sorted(kk)
    async with units.house.database.writing() as session:
        for who, state in ((missed, NoticeState.FAILED), (doubted, NoticeState.UNKNOWN)):
            await session.execute(update(Notice).where(CHANGES, Notice.talk == who).values(state=state))
    await send_all(units)
    assert await corrected(units, warning, NEW, 2) == ru | chats | {missed, doubted}


async def test_who_may_have_read_what_is_taken_back_is_told(units: Units) -> None:
    warning = await gone(units)
    kk, chats = await readers(units, Language.KK), await groups(units)
    await correct(units, warning.id, NEW_KK)
    await spread_change(units, warning.id)
    refused, doubted, *_ = sorted(kk)
    async with units.house.database.writing() as session:
        for who, state in ((refused, NoticeState.FAILED), (doubted, NoticeState.UNKNOWN)):
            await session.execute(update(Notice).where(CHANGES, Notice.talk == who).values(state=state))
    await send_all(units)
    assert await corrected(units, warning, TEXT, 2) == kk - {refused} | chats


async def test_a_correction_that_left_with_the_warning_is_not_said_again(units: Units) -> None:
    """Some wait while the Kazakh text is corrected; the Russian one is corrected when they have the warning."""
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    await correct(units, warning.id, NEW_KK)
    await spread_change(units, warning.id)
    await send_all(units)
    ru, chats = await readers(units, Language.RU), await groups(units)
    assert await corrected(units, warning, NEW, 2) == ru | chats


async def test_who_has_changed_his_language_since_is_told_of_both(units: Units) -> None:
    warning = await gone(units)
    ru, chats = await readers(units, Language.RU), await groups(units)
    async with units() as unit:
        person = await cast.resident(unit, 1002)
        assert person.language is not None
        other = Language.RU if person.language is Language.KK else Language.KK
        await unit.residents.choose_language(person, other)
    assert person.id in await corrected(units, warning, NEW_RU, 1)
    assert person.id in await corrected(units, warning, NEW, 2)
    assert await told(units, 1) == ru | chats | {person.id}
