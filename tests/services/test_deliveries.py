"""Claims, results, late results, callbacks: a notice moves the right way or not at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services.deliveries import Closure, Delivery, Report, Settlement
from bot.services.media import MediaDraft
from bot.services.notices import Promise, Recipient
from bot.services.tips import PartDraft
from bot.services.unit import Unit, Units
from bot.speech.reasons import reason_words
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.templates import Template
from bot.terms import EndpointState, Identity, Lane, Language, Messenger, NoticeKind, NoticeState, PartKind
from tests.clocks import FakeClock
from tests.services import cast

APOLOGY = NoticeKind.APOLOGY


async def promise(units: Units, *telegram_ids: int, **more: Any) -> list[int]:
    """One apology to each of these residents; the notices' ids."""
    async with units() as unit:
        people = [await cast.resident(unit, number) for number in telegram_ids or (1002,)]
        more.setdefault("kind", APOLOGY)
        await unit.notices.promise(*(Promise(to=Recipient(resident_id=person.id), **more) for person in people))
    return [notice.id for notice in await cast.rows(units, Notice)][-len(people) :]


async def claim(units: Units, *ids: int) -> list[Delivery]:
    async with units() as unit:
        return await unit.deliveries.claim(list(ids))


async def settle(units: Units, delivery: Delivery, state: NoticeState, **more: Any) -> None:
    async with units() as unit:
        await unit.deliveries.settle([Settlement(delivery.id, delivery.fence, state, **more)])


async def told(unit: Unit, notice_id: int, message: str, state: NoticeState, *more: Any) -> bool:
    """Whether a report of its messenger changed the notice."""
    row = await unit._session.get(Notice, notice_id, populate_existing=True)
    if row is None:
        return bool(await unit.deliveries.report([Report(notice_id, message, state, *more)]))
    before = row.state
    await unit.deliveries.report([Report(notice_id, message, state, *more, messenger=Messenger(row.messenger))])
    await unit._session.refresh(row)
    return row.state != before


async def reported(units: Units, notice_id: int, state: NoticeState, message: str = "SM1", error: str = "") -> bool:
    async with units() as unit:
        return await told(unit, notice_id, message, state, error)


async def waiting(units: Units, busy: tuple[int, ...] = (), messenger: Messenger = Messenger.TELEGRAM) -> list[int]:
    async with units.reading() as unit:
        return [item.id for item in await unit.deliveries.waiting(messenger, busy)]


async def notice(units: Units, notice_id: int) -> Notice:
    (row,) = await cast.rows(units, Notice, Notice.id == notice_id)
    assert isinstance(row, Notice)
    return row


# -- what waits


async def test_the_most_pressing_first_then_the_oldest(units: Units, clock: FakeClock) -> None:
    (campaign,) = await promise(units, 1002, lane=Lane.CAMPAIGN)
    (answer,) = await promise(units, 1003, lane=Lane.ANSWER)
    await clock.advance(1)
    (later,) = await promise(units, 1004, lane=Lane.ANSWER)
    (urgent,) = await promise(units, 1005, lane=Lane.URGENT)
    assert await waiting(units) == [urgent, answer, later, campaign]


async def test_what_is_due_later_waits_for_its_time(units: Units, clock: FakeClock) -> None:
    (first,) = await promise(units, due_at=clock.now() + timedelta(hours=1))
    assert await waiting(units) == []
    async with units.reading() as unit:
        assert await unit.deliveries.next_due(Messenger.TELEGRAM) == clock.now() + timedelta(hours=1)
        assert await unit.deliveries.next_due(Messenger.WHATSAPP) is None
    await clock.advance(3600)
    assert await waiting(units) == [first]


async def test_notices_of_one_talk_go_in_order(units: Units) -> None:
    first, second, third = *(await promise(units)), *(await promise(units)), *(await promise(units))
    talk = (await notice(units, first)).talk
    assert await waiting(units) == [first, second, third]
    (under_way,) = await claim(units, first)
    assert await waiting(units) == []
    assert await waiting(units, (talk,)) == []
    await settle(units, under_way, NoticeState.SENT, message="1")
    assert await waiting(units) == [second, third]


async def test_one_in_back_off_holds_its_own_talk_only(units: Units, clock: FakeClock) -> None:
    (failing,), (behind,), (other,) = await promise(units), await promise(units), await promise(units, 1003)
    (delivery,) = await claim(units, failing)
    await settle(units, delivery, NoticeState.DUE, due_at=clock.now() + timedelta(seconds=30), error="server")
    assert await waiting(units) == [other]
    await clock.advance(30)
    assert set(await waiting(units)) == {failing, other}
    (delivery,) = await claim(units, failing)
    await settle(units, delivery, NoticeState.FAILED, error="server")
    assert set(await waiting(units)) == {behind, other}


async def test_each_messenger_has_its_own_queue(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        await unit.notices.promise(Promise(APOLOGY, Recipient(resident_id=person.id)))
    (telegram,) = await promise(units)
    assert await waiting(units) == [telegram]
    assert len(await waiting(units, messenger=Messenger.WHATSAPP)) == 1


# -- claiming


async def test_a_claim_brings_all_that_the_words_need(units: Units) -> None:
    (notice_id,) = await promise(units, facts={"text": "Сәлем"})
    (delivery,) = await claim(units, notice_id)
    assert (delivery.address, delivery.language, delivery.messenger) == ("1002", Language.KK, Messenger.TELEGRAM)
    assert (delivery.facts, delivery.fence, delivery.attempts) == ({"text": "Сәлем"}, 1, 0)
    assert (delivery.free_text, delivery.message, delivery.is_retry_of_unknown) == (True, None, False)
    row = await notice(units, notice_id)
    assert (row.state, row.lease_until) == ("sending", units.house.clock.now() + timedelta(seconds=90))
    assert "Сәлем".encode() not in (row.facts_sealed or b"")


async def test_two_couriers_never_claim_the_same(units: Units) -> None:
    ids = await promise(units, *range(1002, 1011))
    claimed = await asyncio.gather(claim(units, *ids), claim(units, *ids))
    assert sorted(item.id for batch in claimed for item in batch) == ids


async def test_claims_keep_the_order_they_were_asked_in(units: Units) -> None:
    ids = (await promise(units, *range(1002, 1008)))[::-1]
    assert [item.id for item in await claim(units, *ids)] == ids


@pytest.mark.parametrize("state", [EndpointState.BLOCKED, EndpointState.DEAD])
async def test_a_closed_endpoint_is_not_tried(units: Units, state: EndpointState) -> None:
    (notice_id,) = await promise(units)
    async with units() as unit:
        await unit.residents.close_endpoint((await cast.resident(unit)).endpoint_id, state, "because")
    assert await claim(units, notice_id) == []
    row = await notice(units, notice_id)
    assert (row.state, row.error) == ("failed", state.value)


async def test_what_cannot_be_opened_any_more_stops_nobody_else(units: Units) -> None:
    damaged, other = await promise(units, 1002, 1003)
    async with units() as unit:
        person = await cast.resident(unit, 1002)
        spoilt = update(Endpoint).where(Endpoint.id == person.endpoint_id).values(address_sealed=b"spoilt by somebody")
        await unit._session.execute(spoilt)
    assert [item.id for item in await claim(units, damaged, other)] == [other]
    row = await notice(units, damaged)
    assert (row.state, row.error) == ("failed", "unreadable")
    assert reason_words(row.error) == reason_words("unreadable") != reason_words("nonsense")


async def test_after_stop_nothing_leaves_but_the_last_word(units: Units) -> None:
    (apology,), (goodbye,) = await promise(units), await promise(units, kind=NoticeKind.STOPPED)
    async with units() as unit:
        await unit.residents.stop(await cast.resident(unit))
    assert [item.id for item in await claim(units, apology, goodbye)] == [goodbye]
    row = await notice(units, apology)
    assert (row.state, row.error) == ("skipped", "stopped")


async def test_an_expired_promise_is_not_kept(units: Units, clock: FakeClock) -> None:
    (notice_id,) = await promise(units, expires_at=clock.now() + timedelta(minutes=15))
    await clock.advance(900)
    assert await claim(units, notice_id) == []
    assert (await notice(units, notice_id)).state == "expired"


async def test_a_group_that_removed_the_bot_is_not_tried(units: Units) -> None:
    (chat, *_) = await cast.rows(units, Chat)
    async with units() as unit:
        await unit.notices.promise(Promise(APOLOGY, Recipient(chat_id=chat.id)))
        await unit.chats.removed(Messenger.TELEGRAM, chat.address)
    (row,) = await cast.rows(units, Notice, Notice.kind == APOLOGY)
    assert await claim(units, row.id) == []
    row = await notice(units, row.id)
    assert (row.state, row.error) == ("failed", "left")


async def test_a_restart_knows_what_the_last_minute_of_each_group_holds(units: Units, clock: FakeClock) -> None:
    """But for one whose address cannot be opened: nothing can go there, and the start does not fail for it."""
    whole, damaged, *_rest = await cast.rows(units, Chat)
    async with units() as unit:
        groups = [Promise(APOLOGY, Recipient(chat_id=chat.id)) for chat in (whole, whole, damaged)]
        await unit.notices.promise(*groups)
    since = clock.now()
    for row in await cast.rows(units, Notice, Notice.kind == APOLOGY):
        await clock.advance(1)
        (delivery,) = await claim(units, row.id)
        await settle(units, delivery, NoticeState.SENT, message=f"{row.id}")
    async with units() as unit:
        await unit._session.execute(update(Chat).where(Chat.id == damaged.id).values(address_sealed=b"spoilt"))
    async with units.reading() as unit:
        seconds = [since + timedelta(seconds=n) for n in (1, 2)]
        assert await unit.deliveries.sent_to_groups(Messenger.TELEGRAM, since) == {whole.address: seconds}
        assert await unit.deliveries.sent_to_groups(Messenger.TELEGRAM, seconds[0]) == {whole.address: seconds[1:]}


async def test_a_card_is_kept_from_who_no_longer_holds_the_tip(units: Units) -> None:
    """Written to two people of a desk, claimed after one of them took the tip."""
    tip_id = await cast.sent_tip(units, "fraud_victim")
    async with units() as unit:
        cyber = await cast.officer(unit, cast.CYBER)
        await unit.tips.take(cyber, tip_id)
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD)
    ready = await claim(units, *(card.id for card in cards))
    assert [item.resident_id for item in ready] == [cyber.resident_id]
    states = {row.resident_id: (row.state, row.error) for row in await cast.rows(units, Notice, Notice.kind == "card")}
    assert ("cancelled", "not_holder") in states.values()


async def test_a_hidden_senders_notice_names_no_resident(units: Units) -> None:
    tip_id = await cast.sent_tip(units, identity=Identity.HIDDEN)
    (row,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    assert (row.resident_id, row.vault_id, row.talk) == (None, tip_id, tip_id)
    (delivery,) = await claim(units, row.id)
    assert (delivery.address, delivery.resident_id) == ("1002", None)


async def test_after_the_link_is_cut_nothing_reaches_the_hidden_sender(units: Units) -> None:
    await cast.sent_tip(units, identity=Identity.HIDDEN)
    async with units() as unit:
        await unit.tips.cut_all(await cast.resident(unit))
    (row,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_SENT)
    assert await claim(units, row.id) == []
    row = await notice(units, row.id)
    assert (row.state, row.error) == ("cancelled", "cut")


async def test_a_person_heard_on_the_other_messenger_is_reached_there(units: Units) -> None:
    (notice_id,) = await promise(units)
    async with units.house.database.writing() as session:
        person = (await session.get_one(Notice, notice_id)).resident_id
        row = (await session.scalars(select(Endpoint).where(Endpoint.resident_id == person))).one()
        row.messenger, row.window_until = "whatsapp", units.house.clock.now() + timedelta(hours=1)
    assert await claim(units, notice_id) == []
    row_after = await notice(units, notice_id)
    assert (row_after.messenger, row_after.state) == ("whatsapp", "due")
    assert await waiting(units, messenger=Messenger.WHATSAPP) == [notice_id]
    assert [item.messenger for item in await claim(units, notice_id)] == [Messenger.WHATSAPP]


async def test_outside_the_window_whatsapp_needs_a_template(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        await unit.residents.choose_language(person, Language.RU)
        for kind in (APOLOGY, NoticeKind.STOPPED, APOLOGY):
            await unit.notices.promise(Promise(kind, Recipient(resident_id=person.id)))
    async with units.house.database.writing() as session:
        session.add(
            Template(kind="apology", language="ru", content_sid="HX1", variables=["number"], approval="approved")
        )
    first, second, third = [row.id for row in await cast.rows(units, Notice)]
    (inside,) = await claim(units, third)
    assert (inside.free_text, inside.template) == (True, None)
    await clock.advance(timedelta(hours=24).total_seconds())
    (outside,) = await claim(units, first, second)
    assert outside.id == first
    assert outside.template is not None
    assert (outside.free_text, outside.template.content_sid, outside.template.variables) == (False, "HX1", ("number",))
    row = await notice(units, second)
    assert (row.state, row.error) == ("skipped", "no_template")


async def test_an_officers_file_waits_until_it_can_cross_to_the_other_messenger(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        sender = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        sent = await cast.submit(unit, sender)
        inspector, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        photo = PartDraft(PartKind.PHOTO, "Қараңыз", MediaDraft(PartKind.PHOTO, "tg-file"))
        view = await unit.tips.answer(inspector, sent.id, photo, speaker)
    media_id = view.parts[-1].media_id
    assert media_id is not None
    (row,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_ANSWER)
    assert await claim(units, row.id) == []
    assert (await notice(units, row.id)).due_at == clock.now() + timedelta(seconds=2)
    async with units() as unit:
        await unit.shelf.stored(media_id, b"d" * 32, 5, "image/png")
    (ready,) = await claim(units, row.id)
    assert ready.media is not None
    assert ready.media.state == "stored"


# -- results


async def test_a_sent_notice_remembers_its_message(units: Units, clock: FakeClock) -> None:
    (notice_id,) = await promise(units)
    (delivery,) = await claim(units, notice_id)
    await settle(units, delivery, NoticeState.SENT, message="4711")
    row = await notice(units, notice_id)
    assert (row.state, row.message, row.sent_at, row.lease_until) == ("sent", "4711", clock.now(), None)
    assert await claim(units, notice_id) == []


async def test_a_retry_counts_only_when_it_must(units: Units, clock: FakeClock) -> None:
    (notice_id,) = await promise(units)
    for counts, attempts in ((True, 1), (False, 1), (True, 2)):
        (delivery,) = await claim(units, notice_id)
        await settle(units, delivery, NoticeState.DUE, due_at=clock.now(), error="server", counts_attempt=counts)
        row = await notice(units, notice_id)
        assert (row.state, row.error, row.attempts) == ("due", "server", attempts)


async def test_the_late_result_of_an_older_claim_changes_nothing(units: Units, clock: FakeClock) -> None:
    (notice_id,) = await promise(units)
    (slow,) = await claim(units, notice_id)
    await clock.advance(91)
    async with units() as unit:
        assert await unit.deliveries.heal(Messenger.TELEGRAM) == 1
    (fresh,) = await claim(units, notice_id)
    assert fresh.fence > slow.fence
    await settle(units, slow, NoticeState.FAILED, error="blocked", message="old")
    row = await notice(units, notice_id)
    assert (row.state, row.message) == ("sending", None)
    await settle(units, fresh, NoticeState.SENT, message="new")
    await settle(units, slow, NoticeState.SENT, message="old")
    row = await notice(units, notice_id)
    assert (row.state, row.message) == ("sent", "new")


async def test_a_claim_whose_lease_holds_is_not_healed(units: Units, clock: FakeClock) -> None:
    (notice_id,) = await promise(units)
    await claim(units, notice_id)
    await clock.advance(89)
    async with units() as unit:
        assert await unit.deliveries.heal(Messenger.TELEGRAM) == 0
        assert await unit.deliveries.heal(Messenger.WHATSAPP, all_claims=True) == 0
        assert await unit.deliveries.heal(Messenger.TELEGRAM, all_claims=True) == 1


async def test_lost_three_times_it_stays_unknown(units: Units, clock: FakeClock) -> None:
    """Tried again after each of two crashes; then people look, not the program."""
    (notice_id,) = await promise(units)
    for crash in (1, 2):
        (delivery,) = await claim(units, notice_id)
        assert delivery.is_retry_of_unknown is (crash > 1)
        await clock.advance(91)
        async with units() as unit:
            await unit.deliveries.heal(Messenger.TELEGRAM)
        row = await notice(units, notice_id)
        assert (row.state, row.attempts) == ("due", crash)
    await claim(units, notice_id)
    await clock.advance(91)
    async with units() as unit:
        await unit.deliveries.heal(Messenger.TELEGRAM)
    row = await notice(units, notice_id)
    assert (row.state, row.error) == ("unknown", "unknown")
    assert await waiting(units) == []


async def test_what_was_lost_holds_back_what_follows_in_its_talk(units: Units, clock: FakeClock) -> None:
    (lost,), (behind,) = await promise(units), await promise(units)
    await claim(units, lost)
    async with units() as unit:
        await unit.deliveries.heal(Messenger.TELEGRAM, all_claims=True)
    assert await waiting(units) == [lost]
    (again,) = await claim(units, lost)
    await settle(units, again, NoticeState.SENT, message="1")
    assert await waiting(units) == [behind]


async def test_closing_pauses_the_endpoint_or_the_group(units: Units) -> None:
    (notice_id,) = await promise(units)
    (chat, *_) = await cast.rows(units, Chat)
    async with units() as unit:
        await unit.notices.promise(Promise(APOLOGY, Recipient(chat_id=chat.id)))
    person, group = await claim(units, notice_id, notice_id + 1)
    async with units() as unit:
        await unit.deliveries.close(
            [
                Closure(person, EndpointState.BLOCKED, "blocked"),
                Closure(group, EndpointState.LEFT, "kicked" * 40),
                Closure(replace(person, endpoint_id=None), EndpointState.DEAD, "nobody"),
            ]
        )
    (endpoint,) = await cast.rows(units, Endpoint, Endpoint.id == person.endpoint_id)
    (row,) = await cast.rows(units, Chat, Chat.id == chat.id)
    assert (endpoint.state, row.state, len(row.state_reason)) == ("blocked", "left", 80)


# -- callbacks


async def test_a_callback_only_moves_upwards(units: Units) -> None:
    (notice_id,) = await promise(units)
    (delivery,) = await claim(units, notice_id)
    await settle(units, delivery, NoticeState.SENT, message="SM1")
    for state, moved in (
        (NoticeState.SENT, False), (NoticeState.DELIVERED, True), (NoticeState.DELIVERED, False),
        (NoticeState.SENT, False), (NoticeState.READ, True), (NoticeState.DELIVERED, False),
        (NoticeState.FAILED, False),
    ):  # fmt: skip
        assert await reported(units, notice_id, state) is moved
    row = await notice(units, notice_id)
    assert (row.state, row.error, row.delivered_at) == ("read", "", units.house.clock.now())


async def test_a_callback_may_overtake_our_own_record(units: Units) -> None:
    (notice_id,) = await promise(units)
    (delivery,) = await claim(units, notice_id)
    assert await reported(units, notice_id, NoticeState.DELIVERED)
    await settle(units, delivery, NoticeState.SENT, message="SM1")
    row = await notice(units, notice_id)
    assert (row.state, row.message) == ("delivered", "SM1")
    assert not await reported(units, notice_id, NoticeState.READ, "SM-of-another")
    assert await reported(units, notice_id, NoticeState.READ)


async def test_a_failure_told_later_is_believed_once(units: Units) -> None:
    (notice_id,) = await promise(units)
    (delivery,) = await claim(units, notice_id)
    await settle(units, delivery, NoticeState.SENT, message="SM1")
    assert await reported(units, notice_id, NoticeState.FAILED, error="63016")
    assert not await reported(units, notice_id, NoticeState.FAILED, error="63024")
    assert not await reported(units, notice_id, NoticeState.DELIVERED)
    row = await notice(units, notice_id)
    assert (row.state, row.error) == ("failed", "63016")


async def on_whatsapp(units: Units, *, hidden: bool = False) -> tuple[int, int]:
    """A notice to somebody on WhatsApp that has left, and the endpoint it went to."""
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        if hidden:
            sent = await cast.submit(unit, person, identity=Identity.HIDDEN)
            to = Recipient(vault_id=sent.id)
        else:
            to = Recipient(resident_id=person.id)
        await unit.notices.promise(Promise(APOLOGY, to))
    (row,) = await cast.rows(units, Notice, Notice.kind == APOLOGY)
    (delivery,) = await claim(units, row.id)
    await settle(units, delivery, NoticeState.SENT, message="SM1")
    return row.id, person.endpoint_id


async def endpoint(units: Units, endpoint_id: int) -> tuple[str, str]:
    (row,) = await cast.rows(units, Endpoint, Endpoint.id == endpoint_id)
    return row.state, row.state_reason


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_failure_may_close_the_endpoint_until_the_next_sign_of_life(units: Units, hidden: bool) -> None:
    notice_id, endpoint_id = await on_whatsapp(units, hidden=hidden)
    async with units() as unit:
        assert await told(unit, notice_id, "SM1", NoticeState.FAILED, "63024", EndpointState.DEAD)
    assert (await notice(units, notice_id)).state == "failed"
    assert await endpoint(units, endpoint_id) == ("dead", "63024")
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        await unit.notices.promise(Promise(APOLOGY, Recipient(resident_id=person.id)))
    assert await endpoint(units, endpoint_id) == ("open", "")
    (_first, again) = await cast.rows(units, Notice, Notice.kind == APOLOGY)
    assert len(await claim(units, again.id)) == 1


async def test_only_a_believed_failure_closes_and_only_that_endpoint(units: Units) -> None:
    notice_id, endpoint_id = await on_whatsapp(units)
    before = await cast.rows(units, Endpoint, Endpoint.id != endpoint_id)
    assert {row.state for row in before} == {"open"}
    async with units() as unit:
        assert not await told(unit, notice_id, "SM-other", NoticeState.FAILED, "63024", EndpointState.DEAD)
        assert await told(unit, notice_id, "SM1", NoticeState.READ)
        assert not await told(unit, notice_id, "SM1", NoticeState.FAILED, "63024", EndpointState.DEAD)
    assert await endpoint(units, endpoint_id) == ("open", "")
    other_id, other_endpoint = (await promise(units, 1003))[0], before[0].id
    async with units() as unit:
        assert await told(unit, other_id, "1", NoticeState.FAILED, "63016")
    assert await endpoint(units, other_endpoint) == ("open", "")


async def test_a_failure_on_the_messenger_left_behind_closes_nothing(units: Units) -> None:
    """Heard on the other messenger since: that one is reached."""
    notice_id, endpoint_id = await on_whatsapp(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).where(Notice.id == notice_id).values(messenger=Messenger.TELEGRAM))
    async with units() as unit:
        await told(unit, notice_id, "SM1", NoticeState.FAILED, "63024", EndpointState.DEAD)
    assert await endpoint(units, endpoint_id) == ("open", "")


async def test_a_callback_finds_what_we_had_lost(units: Units) -> None:
    (notice_id,) = await promise(units)
    await claim(units, notice_id)
    async with units() as unit:
        await unit.deliveries.heal(Messenger.TELEGRAM, all_claims=True)
    assert await reported(units, notice_id, NoticeState.DELIVERED)
    assert await waiting(units) == []


async def test_a_callback_about_a_stranger_changes_nothing(units: Units) -> None:
    assert not await reported(units, 404, NoticeState.DELIVERED)


async def test_what_was_cancelled_stays_so(units: Units) -> None:
    (notice_id,) = await promise(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).values(state=NoticeState.CANCELLED))
    for state in (NoticeState.SENT, NoticeState.READ, NoticeState.FAILED):
        assert not await reported(units, notice_id, state)
