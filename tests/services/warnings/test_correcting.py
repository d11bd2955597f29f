"""A correction goes when a second officer has approved it; a recall goes at once, and who approved is told."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.errors import (
    ApprovedAlready,
    ChangedSince,
    CorrectionWaits,
    KorshiError,
    NobodyApproves,
    NotAllowed,
    NotAwaiting,
    NotFound,
    OwnWork,
    ReturnedAlready,
    WarningNotOut,
)
from bot.i18n import Bilingual
from bot.services.unit import Units
from bot.services.warnings import CorrectionView, WarningView
from bot.services.warnings.views import LASTS
from bot.store.audit import AuditEntry
from bot.store.notices import Notice
from bot.store.warnings import Correction, Warning
from bot.terms import NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import publish
from tests.services.warnings.test_approving import only
from tests.services.warnings.test_changing import NEW, gone

REVIEW = Notice.kind == NoticeKind.WARNING_REVIEW
RETURNED = Notice.kind == NoticeKind.WARNING_RETURNED
ALARM = Notice.kind == NoticeKind.ALARM


async def proposed(units: Units, badge: str = cast.ASKAR) -> tuple[WarningView, CorrectionView]:
    """A warning that has gone, and another text for it that waits."""
    warning = await gone(units)
    async with units() as unit:
        seen = await unit.warnings.correct(await cast.officer(unit, badge), warning.id, NEW, seen=0)
    assert (seen.is_being_corrected, seen.published, seen.change) == (True, warning.text, 0)
    async with units() as unit:
        (proposal,) = await unit.warnings.corrections_awaiting(await cast.officer(unit, cast.STAFF))
    return seen, proposal


async def decide(units: Units, proposal: CorrectionView, badge: str = cast.HEAD, seen: str = "") -> WarningView:
    async with units() as unit:
        return await unit.warnings.approve_correction(await cast.officer(unit, badge), proposal.id, seen)


async def actions(units: Units) -> list[str]:
    return [entry.action for entry in await cast.rows(units, AuditEntry) if "correct" in entry.action]


async def test_it_waits_and_everybody_who_may_approve_is_asked(units: Units) -> None:
    warning, proposal = await proposed(units)
    assert (proposal.warning.published, proposal.text) == (warning.text, NEW)
    asked = await cast.rows(units, Notice, REVIEW)
    assert {notice.facts["correction"] for notice in asked} == {proposal.id}
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        assert {notice.resident_id for notice in asked} == {
            one.resident_id for one in await unit.warnings.approvers(author)
        }
        assert await unit.warnings.changing() == []
    assert author.title == proposal.author
    assert await actions(units) == ["correction_submitted"]


async def test_approved_it_goes_and_its_author_is_told(units: Units) -> None:
    warning, proposal = await proposed(units)
    seen = await decide(units, proposal, seen=proposal.stamp)
    assert (seen.published, seen.change, seen.is_being_corrected) == (NEW, 1, False)
    async with units() as unit:
        assert await unit.warnings.changing() == [warning.id]
        author, head = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.HEAD)
        assert await unit.warnings.corrections_awaiting(head) == []
    (alarm,) = await cast.rows(units, Notice, ALARM)
    assert (alarm.resident_id, alarm.facts["alarm"], alarm.facts["ru"]) == (
        author.resident_id, "corrected", head.title.ru,
    )  # fmt: skip
    assert {notice.state for notice in await cast.rows(units, Notice, REVIEW)} == {NoticeState.CANCELLED}
    assert await actions(units) == ["correction_submitted", "warning_corrected"]


async def test_its_author_never_approves_it_and_others_may_not(units: Units) -> None:
    warning, proposal = await proposed(units, cast.HEAD)
    for badge, refusal in ((cast.HEAD, OwnWork), (cast.ASEL, NotAllowed), (cast.ASKAR, NotAllowed)):
        with pytest.raises(refusal):
            await decide(units, proposal, badge)
    async with units() as unit:
        head = await cast.officer(unit, cast.HEAD)
        assert await unit.warnings.corrections_awaiting(head) == []
        for call in (unit.warnings.reviewed_correction(head, proposal.id),
                     unit.warnings.return_correction(head, proposal.id, "нет")):  # fmt: skip
            with pytest.raises(OwnWork):
                await call
        with pytest.raises(NotAllowed):
            await unit.warnings.corrections_awaiting(await cast.officer(unit, cast.ASEL))
        with pytest.raises(NotFound):
            await unit.warnings.reviewed_correction(await cast.officer(unit, cast.STAFF), 1)
    assert (await decide(units, proposal, cast.STAFF)).change == 1
    assert warning.change == 0


async def test_of_two_who_decide_at_once_one_is_told_who_was_first(units: Units) -> None:
    _warning, proposal = await proposed(units)

    async def approve(badge: str) -> str:
        try:
            await decide(units, proposal, badge, proposal.stamp)
        except KorshiError as refusal:
            return type(refusal).__name__
        return "went"

    said = await asyncio.gather(approve(cast.HEAD), approve(cast.STAFF), approve(cast.HEAD))
    assert sorted(said) == [ApprovedAlready.__name__, ApprovedAlready.__name__, "went"]
    (row,) = await cast.rows(units, Warning)
    assert row.change == 1
    async with units() as unit:
        with pytest.raises(ApprovedAlready):
            await unit.warnings.return_correction(await cast.officer(unit, cast.STAFF), proposal.id, "поздно")


async def test_sent_back_its_author_reads_why_and_the_warning_stays(units: Units) -> None:
    warning, proposal = await proposed(units)
    async with units() as unit:
        head = await cast.officer(unit, cast.HEAD)
        seen = await unit.warnings.return_correction(head, proposal.id, "номер банка не тот")
    assert (seen.is_being_corrected, seen.published, seen.change) == (False, warning.text, 0)
    (told,) = await cast.rows(units, Notice, RETURNED)
    assert (told.facts["reason"], told.facts["kk"], told.facts["correction"]) == (
        "номер банка не тот", head.title.kk, proposal.id,
    )  # fmt: skip
    with pytest.raises(ReturnedAlready):
        await decide(units, proposal, cast.STAFF)
    async with units() as unit:  # and another one may be written
        again = await unit.warnings.correct(await cast.officer(unit, cast.ASKAR), warning.id, NEW)
    assert again.is_being_corrected


async def test_only_one_waits_and_it_can_be_taken_back(units: Units) -> None:
    warning, proposal = await proposed(units)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        for badge in (cast.ASKAR, cast.HEAD):
            with pytest.raises(CorrectionWaits):
                await unit.warnings.correct(await cast.officer(unit, badge), warning.id, Bilingual("Басқа", "Другое"))
        with pytest.raises(NotFound):
            await unit.warnings.withdraw_correction(await cast.officer(unit, cast.ASEL), warning.id)
        assert not (await unit.warnings.withdraw_correction(author, warning.id)).is_being_corrected
        with pytest.raises(NotAwaiting):
            await unit.warnings.withdraw_correction(author, warning.id)
    with pytest.raises(NotAwaiting):
        await decide(units, proposal)
    assert {notice.state for notice in await cast.rows(units, Notice, REVIEW)} == {NoticeState.CANCELLED}


async def test_what_was_not_looked_at_is_not_approved(units: Units) -> None:
    _warning, proposal = await proposed(units)
    with pytest.raises(ChangedSince):
        await decide(units, proposal, seen="0123456789")


async def test_nobody_to_approve_it_is_said_before_it_waits(units: Units) -> None:
    warning = await gone(units)
    await only(units, cast.ASKAR)
    async with units() as unit:
        with pytest.raises(NobodyApproves):
            await unit.warnings.correct(await cast.officer(unit, cast.ASKAR), warning.id, NEW)
    assert await cast.rows(units, Correction) == []


async def test_own_people_are_corrected_alone_where_the_department_allows_it(units: Units) -> None:
    units.house.own_chats_need_approval = False
    warning = await gone(units)
    async with units() as unit:
        seen = await unit.warnings.correct(await cast.officer(unit, cast.ASKAR), warning.id, NEW)
    assert (seen.published, seen.change, seen.is_being_corrected) == (NEW, 1, False)
    assert await cast.rows(units, Notice, REVIEW) == []
    wide = await publish(units, cast.STAFF)
    async with units() as unit:
        assert (await unit.warnings.correct(await cast.officer(unit, cast.STAFF), wide.id, NEW)).is_being_corrected


async def test_not_approved_in_time_it_does_not_go_later(units: Units, clock: FakeClock) -> None:
    warning, proposal = await proposed(units)
    await clock.advance((LASTS - timedelta(minutes=1)).total_seconds())
    async with units() as unit:
        await unit.warnings.expire_corrections()
        assert (await unit.warnings.get(warning.id)).is_being_corrected
    await clock.advance(120)
    async with units() as unit:
        await unit.warnings.expire_corrections()
        assert not (await unit.warnings.get(warning.id)).is_being_corrected
    (told,) = await cast.rows(units, Notice, RETURNED)
    assert "reason" not in told.facts
    with pytest.raises(NotAwaiting):
        await decide(units, proposal)


# -- recalled


async def test_a_recall_does_not_wait_and_takes_the_correction_with_it(units: Units) -> None:
    warning, proposal = await proposed(units)
    async with units() as unit:
        seen = await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    assert (seen.is_recalled, seen.is_being_corrected, seen.change) == (True, False, 1)
    with pytest.raises(NotAwaiting):
        await decide(units, proposal)
    async with units() as unit:
        with pytest.raises(WarningNotOut):
            await unit.warnings.correct(await cast.officer(unit, cast.ASKAR), warning.id, NEW)


@pytest.mark.parametrize("badge", [cast.ASKAR, cast.STAFF, cast.HEAD])
async def test_who_wrote_it_and_whoever_may_approve_recall_it_and_the_others_are_told(units: Units, badge: str) -> None:
    warning = await gone(units)
    async with units() as unit:
        author, head = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.HEAD)
        recaller = await cast.officer(unit, badge)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(approved_by=head.id))
    async with units() as unit:
        assert (await unit.warnings.to_recall(recaller, warning.id)).id == warning.id
        await unit.warnings.recall(recaller, warning.id)
    alarms = await cast.rows(units, Notice, ALARM)
    told = {notice.resident_id for notice in alarms}
    assert told == {author.resident_id, head.resident_id} - {recaller.resident_id}
    assert {notice.facts["what"] for notice in alarms} == {warning.code}
    assert {notice.facts["kk"] for notice in alarms} == {recaller.title.kk}


async def test_who_may_approve_sees_what_has_gone_and_an_inspector_does_not(units: Units) -> None:
    warning = await gone(units)
    async with units() as unit:
        staff, other = await cast.officer(unit, cast.STAFF), await cast.officer(unit, cast.ASEL)
        assert [one.id for one in await unit.warnings.latest(staff)] == [warning.id]
        assert (await unit.warnings.watched(staff, warning.id)).id == warning.id
        with pytest.raises(NotAllowed):
            await unit.warnings.latest(other)
        for call in (unit.warnings.watched(other, warning.id), unit.warnings.to_recall(other, warning.id)):
            with pytest.raises(NotFound):
                await call
        with pytest.raises(NotFound):  # steering is its author's and the heads'
            await unit.warnings.cancel(staff, warning.id)
