"""What one officer has written goes only when a second one has approved it, as it was seen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.errors import (
    ApprovedAlready,
    ChangedSince,
    ExpiryTooLate,
    ExpiryTooSoon,
    KorshiError,
    NobodyApproves,
    NotAllowed,
    NotAwaiting,
    NotFound,
    NothingToSend,
    OwnWork,
    ReturnedAlready,
)
from bot.i18n import Bilingual
from bot.services.unit import Units
from bot.services.warnings import IN_TIME, Audience, WarningDraft, WarningView
from bot.store.audit import AuditEntry
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast

TEXT = Bilingual("Кодты ешкімге айтпаңыз", "Никому не называйте код")
REVIEW = Notice.kind == NoticeKind.WARNING_REVIEW
RETURNED = Notice.kind == NoticeKind.WARNING_RETURNED


async def submit(units: Units, badge: str = cast.ASKAR, again: int | None = None, **more: Any) -> WarningView:
    async with units() as unit:
        author = await cast.officer(unit, badge)
        more.setdefault("audience", unit.warnings.audience_of(author))
        more.setdefault("text", TEXT)
        return await unit.warnings.submit(author, WarningDraft(**more), again)


async def approve(units: Units, warning_id: int, badge: str = cast.HEAD, seen: str = "") -> WarningView:
    async with units() as unit:
        return await unit.warnings.approve(await cast.officer(unit, badge), warning_id, seen)


async def actions(units: Units) -> list[str]:
    return [entry.action for entry in await cast.rows(units, AuditEntry, AuditEntry.action.like("warning_%"))]


async def row(units: Units, warning_id: int) -> Warning:
    (found,) = await cast.rows(units, Warning, Warning.id == warning_id)
    assert isinstance(found, Warning)
    return found


async def only(units: Units, *badges: str) -> None:
    """Nobody else of the department has a role."""
    async with units.house.database.writing() as session:
        kept = select(Officer.id).where(Officer.badge.in_(badges))
        await session.execute(delete(Duty).where(Duty.officer_id.not_in(kept)))


async def test_an_inspectors_warning_waits_and_who_may_approve_is_asked(units: Units) -> None:
    warning = await submit(units)
    assert warning.state is WarningState.AWAITING
    asked = await cast.rows(units, Notice, REVIEW)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        others = await unit.warnings.approvers(author)
        assert await unit.warnings.spreading() == []
    assert {notice.resident_id for notice in asked} == {one.resident_id for one in others}
    assert len(asked) == 4  # two of the staff, the head, the administrator
    assert asked[0].facts == {"kk": author.title.kk, "ru": author.title.ru}
    assert asked[0].lane == Lane.ANSWER
    assert await actions(units) == ["warning_submitted"]


async def test_the_author_is_never_asked_and_never_approves(units: Units) -> None:
    warning = await submit(units, cast.STAFF)
    async with units() as unit:
        author = await cast.officer(unit, cast.STAFF)
        assert await unit.warnings.awaiting(author) == []
    assert author.resident_id not in {notice.resident_id for notice in await cast.rows(units, Notice, REVIEW)}
    with pytest.raises(OwnWork):
        await approve(units, warning.id, cast.STAFF)
    async with units() as unit:
        with pytest.raises(OwnWork):
            await unit.warnings.give_back(author, warning.id, "нет")
        with pytest.raises(OwnWork):
            await unit.warnings.reviewed(author, warning.id)
    assert (await row(units, warning.id)).state == WarningState.AWAITING


async def test_approved_it_goes_as_it_was_seen_and_its_audience_is_that_of_this_moment(
    units: Units, clock: FakeClock
) -> None:
    warning = await submit(units)
    await clock.advance(3600)
    async with units() as unit:
        late = await cast.newcomer(unit)
        await unit.residents.settle(late, await cast.precinct_id(unit))
        await unit.subscriptions.subscribe(late.id)
        view, author = await unit.warnings.reviewed(await cast.officer(unit, cast.HEAD), warning.id)
    assert (view.text, view.audience) == (TEXT, warning.audience)
    assert author.ru
    await clock.advance(1)
    gone = await approve(units, warning.id, seen=view.stamp)
    assert (gone.state, gone.text, gone.code) == (WarningState.SPREADING, TEXT, warning.code)
    found = await row(units, warning.id)
    assert found.audience_at == found.approved_at == clock.now()
    assert found.approved_by != found.author_id
    async with units() as unit:
        while not await unit.warnings.spread(warning.id):
            pass
    told = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.resident_id == late.id)
    assert len(told) == 1  # subscribed before the approval
    assert await actions(units) == ["warning_submitted", "warning_approved"]
    progress = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING_PROGRESS)
    assert len(progress) == 1


async def test_who_has_not_been_asked_yet_is_not_asked_when_it_is_decided(units: Units) -> None:
    warning = await submit(units)
    await approve(units, warning.id)
    assert {notice.state for notice in await cast.rows(units, Notice, REVIEW)} == {NoticeState.CANCELLED}


async def test_of_two_at_once_one_wins_and_the_other_is_told_who(units: Units) -> None:
    warning = await submit(units)
    done = await asyncio.gather(
        approve(units, warning.id, cast.HEAD), approve(units, warning.id, cast.ADMIN), return_exceptions=True
    )
    (won,) = [one for one in done if isinstance(one, WarningView)]
    (lost,) = [one for one in done if isinstance(one, ApprovedAlready)]
    async with units() as unit:
        winner = (await unit.officers.by_ids([won.approved_by or 0]))[won.approved_by or 0]
    assert lost.facts["officer"] == winner.title
    assert len(await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING_PROGRESS)) == 1


async def test_pressed_again_it_does_not_go_twice(units: Units) -> None:
    warning = await submit(units)
    await approve(units, warning.id)
    with pytest.raises(ApprovedAlready):
        await approve(units, warning.id)
    async with units() as unit:
        with pytest.raises(ApprovedAlready):
            await unit.warnings.give_back(await cast.officer(unit, cast.ADMIN), warning.id, "поздно")
    assert (await row(units, warning.id)).state == WarningState.SPREADING


@pytest.mark.parametrize("badge", [cast.ASKAR, cast.ASEL, cast.CYBER, cast.DUTY_D1, cast.OWN_SECURITY])
async def test_who_may_not_approve(units: Units, badge: str) -> None:
    warning = await submit(units, cast.STAFF)
    with pytest.raises(NotAllowed):
        await approve(units, warning.id, badge)
    async with units() as unit:
        with pytest.raises(NotAllowed):
            await unit.warnings.give_back(await cast.officer(unit, badge), warning.id, "нет")
        with pytest.raises(NotAllowed):
            await unit.warnings.awaiting(await cast.officer(unit, badge))


async def test_a_forged_number_is_nothing(units: Units) -> None:
    with pytest.raises(NotFound):
        await approve(units, 987_654_321)


async def test_given_back_it_returns_to_its_author_with_the_reason_and_all_he_wrote(units: Units) -> None:
    warning = await submit(units, is_urgent=True, reason="Бала жоғалды", topic="missing")
    async with units() as unit:
        head, author = await cast.officer(unit, cast.HEAD), await cast.officer(unit, cast.ASKAR)
        await unit.warnings.give_back(head, warning.id, "Добавьте приметы")
        with pytest.raises(ReturnedAlready) as told:
            await unit.warnings.approve(await cast.officer(unit, cast.ADMIN), warning.id)
        assert told.value.facts["officer"] == head.title
        draft = await unit.warnings.draft(author, warning.id)
    assert (draft.text, draft.is_urgent, draft.reason, draft.topic) == (TEXT, True, "Бала жоғалды", "missing")
    assert draft.audience == warning.audience
    (notice,) = await cast.rows(units, Notice, RETURNED)
    assert notice.resident_id == author.resident_id
    assert (await row(units, warning.id)).returned_reason == "Добавьте приметы"
    assert await actions(units) == ["warning_submitted", "warning_returned"]


async def test_handed_in_again_it_is_the_same_warning_and_an_old_card_does_not_approve_it(units: Units) -> None:
    warning = await submit(units)
    async with units() as unit:
        await unit.warnings.give_back(await cast.officer(unit, cast.HEAD), warning.id, "Короче")
    better = await submit(units, again=warning.id, text=Bilingual("Кодты айтпаңыз", "Не называйте код"))
    assert (better.id, better.code, better.state) == (warning.id, warning.code, WarningState.AWAITING)
    with pytest.raises(ChangedSince):
        await approve(units, warning.id, seen=warning.stamp)
    assert (await approve(units, warning.id, seen=better.stamp)).text == better.text


async def test_nobody_opens_what_another_has_written(units: Units) -> None:
    warning = await submit(units)
    async with units() as unit:
        await unit.warnings.give_back(await cast.officer(unit, cast.HEAD), warning.id, "Короче")
        with pytest.raises(NotFound):
            await unit.warnings.draft(await cast.officer(unit, cast.ASEL), warning.id)
    with pytest.raises(NotFound):
        await submit(units, cast.ASEL, again=warning.id)


async def test_what_has_gone_is_not_opened_again(units: Units) -> None:
    warning = await submit(units)
    with pytest.raises(NotFound):  # still waiting: the author must take it back first
        await submit(units, again=warning.id)
    await approve(units, warning.id)
    with pytest.raises(NotFound):
        await submit(units, again=warning.id)


async def test_the_author_takes_it_back_before_it_is_decided(units: Units) -> None:
    warning = await submit(units)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.warnings.withdraw(await cast.officer(unit, cast.ASEL), warning.id)
        author = await cast.officer(unit, cast.ASKAR)
        assert (await unit.warnings.withdraw(author, warning.id)).state is WarningState.DRAFT
        with pytest.raises(NotAwaiting):
            await unit.warnings.withdraw(author, warning.id)
        assert (await unit.warnings.draft(author, warning.id)).text == TEXT
    with pytest.raises(NotAwaiting):
        await approve(units, warning.id)


async def test_not_approved_in_time_it_dies_and_its_author_is_told(units: Units, clock: FakeClock) -> None:
    warning = await submit(units, expires_at=clock.now() + timedelta(hours=5))
    await clock.advance(5 * 3600)
    with pytest.raises(NotAwaiting):
        await approve(units, warning.id)
    async with units() as unit:
        await unit.warnings.let_expire()
        await unit.warnings.let_expire()
        assert await unit.warnings.published([warning.code]) == []
    found = await row(units, warning.id)
    assert (found.state, found.stop_reason) == (WarningState.RETURNED, IN_TIME)
    (notice,) = await cast.rows(units, Notice, RETURNED)
    assert notice.warning_id == warning.id
    with pytest.raises(NotAwaiting):
        await approve(units, warning.id)


async def test_how_long_it_holds_has_limits(units: Units, clock: FakeClock) -> None:
    with pytest.raises(ExpiryTooSoon):
        await submit(units, expires_at=clock.now())
    with pytest.raises(ExpiryTooLate):
        await submit(units, expires_at=clock.now() + timedelta(days=32))
    warning = await submit(units, expires_at=clock.now() + timedelta(days=7))
    assert (await approve(units, warning.id)).expires_at == warning.expires_at


async def test_an_urgent_one_is_asked_about_at_once_and_needs_a_reason(units: Units) -> None:
    with pytest.raises(NotAllowed):
        await submit(units, is_urgent=True, reason=" ")
    await submit(units, is_urgent=True, reason="Бала жоғалды")
    assert {notice.lane for notice in await cast.rows(units, Notice, REVIEW)} == {Lane.URGENT}


async def test_with_nobody_to_approve_it_is_not_taken(units: Units) -> None:
    await only(units, cast.STAFF)
    with pytest.raises(NobodyApproves):
        await submit(units, cast.STAFF)
    assert await cast.rows(units, Warning) == []


async def test_an_approver_without_an_account_or_revoked_is_nobody(units: Units) -> None:
    await only(units, cast.STAFF, cast.HEAD, cast.ADMIN)
    async with units() as unit:
        admin, head = await cast.officer(unit, cast.ADMIN), await cast.officer(unit, cast.HEAD)
        await unit.officers.revoke(head.id, admin)
        await unit.officers.revoke(admin.id, admin)
    with pytest.raises(NobodyApproves):
        await submit(units, cast.STAFF)


async def test_an_author_who_has_left_meanwhile_does_not_stop_his_warning(units: Units) -> None:
    warning = await submit(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Officer).where(Officer.badge == cast.ASKAR).values(is_active=False))
    async with units() as unit:
        _view, author = await unit.warnings.reviewed(await cast.officer(unit, cast.HEAD), warning.id)
    assert "Тогайбаев" in author.ru
    assert (await approve(units, warning.id)).state is WarningState.SPREADING


async def test_with_nobody_left_to_reach_it_does_not_go(units: Units) -> None:
    warning = await submit(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).values(state=EndpointState.LEFT))
        await session.execute(update(Endpoint).values(state=EndpointState.BLOCKED))
    with pytest.raises(NothingToSend):
        await approve(units, warning.id)


# -- the setting


@pytest.fixture
async def trusting(units: Units) -> AsyncIterator[Units]:
    units.house.own_chats_need_approval = False
    yield units
    units.house.own_chats_need_approval = True


async def test_to_his_own_precinct_an_inspector_needs_nobody_where_that_is_set(trusting: Units) -> None:
    warning = await submit(trusting)
    assert warning.state is WarningState.SPREADING
    assert await cast.rows(trusting, Notice, REVIEW) == []


async def test_the_staff_needs_a_second_officer_all_the_same(trusting: Units) -> None:
    assert (await submit(trusting, cast.STAFF)).state is WarningState.AWAITING


async def test_a_strange_precinct_chat_or_district_is_refused_before_anybody_is_asked(trusting: Units) -> None:
    async with trusting() as unit:
        mine, strange = await cast.precinct_id(unit), await cast.precinct_id(unit, "102")
    async with trusting.house.database.reading() as session:
        chat = await session.scalar(select(Chat.id).where(Chat.precinct_id == strange))
        own = await session.scalar(select(Chat.id).where(Chat.precinct_id == mine))
    assert chat
    assert own
    for audience in (
        Audience((mine, strange)), Audience(everyone=True), Audience(district_ids=(1,)), Audience(chat_ids=(own, chat)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await submit(trusting, audience=audience)
    assert (await submit(trusting, audience=Audience(chat_ids=(own,)))).state is WarningState.SPREADING


async def test_refusals_are_sentences() -> None:
    for error in (ApprovedAlready, ReturnedAlready, NotAwaiting, NobodyApproves, OwnWork, ChangedSince):
        assert issubclass(error, KorshiError)
        assert error.msgid.endswith(".")
