"""The whole life of a tip, who may see it, and who may not."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text

from bot.errors import AlreadyRated, KorshiError, NoContact, NotFound, StepNotLegal, TipAlreadyTaken, TipClosed
from bot.services.deliveries import Settlement
from bot.services.media import MediaDraft
from bot.services.officers import DutyView
from bot.services.tips import PartDraft, TipView
from bot.services.unit import Unit, Units
from bot.store.events import Event
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.tips import Tip, TipPart, Vault
from bot.terms import Identity, Lane, NoticeKind, NoticeState, PartKind, Role, StateType, Urgency
from tests.clocks import FakeClock
from tests.services import cast

SENT = [("submitted", "routed"), ("routed", "routed")]


async def events_of(units: Units, tip_id: int) -> list[tuple[str, str]]:
    return [(event.kind, event.state) for event in await cast.rows(units, Event, Event.tip_id == tip_id)]


async def kinds_of(units: Units, tip_id: int) -> list[str]:
    return [kind for kind, _who in await cast.told(units, Notice.tip_id == tip_id)]


async def closed_tip(units: Units, category: str = "noise_night", **more: Any) -> int:
    tip_id = await cast.sent_tip(units, category, **more)
    async with units() as unit:
        await close(unit, tip_id)
    return tip_id


async def close(unit: Unit, tip_id: int, badge: str = cast.ASKAR, speaker: int = 2001) -> TipView:
    officer, person = await cast.officer(unit, badge), await cast.resident(unit, speaker)
    return await unit.tips.close(officer, tip_id, "measures_taken", cast.words("Ескерту жасалды"), person)


# -- submitting


async def test_a_tip_and_its_promises_are_one_commit(units: Units) -> None:
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        sent = await cast.submit(unit, sender, place="Тоғай көшесі, 5", point=(51.1, 71.4))
    (tip,) = await cast.rows(units, Tip)
    assert (tip.id, tip.number, tip.state, tip.officer_id, tip.desk_id) == (sent.id, 1001, "routed", inspector.id, None)
    assert (tip.place, tip.lat, tip.lon) == ("Тоғай көшесі, 5", 51.1, 71.4)
    assert await events_of(units, sent.id) == SENT
    assert await cast.told(units) == [("tip_sent", sender.id), ("card", inspector.resident_id)]


async def test_a_tip_that_fails_leaves_nothing(units: Units) -> None:
    with pytest.raises(RuntimeError):
        async with units() as unit:
            await cast.submit(unit, await cast.resident(unit))
            raise RuntimeError
    for table in (Tip, TipPart, Event, Notice):
        assert await cast.rows(units, table) == []


async def test_numbers_rise_one_by_one_also_when_all_come_at_once(units: Units) -> None:
    await cast.sent_tip(units)
    await asyncio.gather(*(cast.sent_tip(units) for _ in range(8)))
    assert sorted(tip.number for tip in await cast.rows(units, Tip)) == list(range(1001, 1010))


async def test_a_quiet_tip_tells_its_sender_nothing(units: Units) -> None:
    await cast.sent_tip(units, is_quiet=True)
    assert [kind for kind, _who in await cast.told(units)] == ["card"]


async def test_an_unknown_category_is_refused(units: Units) -> None:
    with pytest.raises(NotFound):
        await cast.sent_tip(units, "witchcraft")


async def test_the_answer_is_due_by_the_urgency(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
        soon = await cast.submit(unit, person, urgency=Urgency.U0)
        never = await cast.submit(unit, person, urgency=Urgency.U4)
    assert soon.due_at == clock.now() + timedelta(minutes=30)
    assert never.due_at is None


async def test_danger_goes_to_the_duty_unit_and_the_inspector_is_only_informed(units: Units) -> None:
    async with units() as unit:
        duty, inspector = await cast.officer(unit, cast.DUTY_D1), await cast.officer(unit, cast.ASKAR)
    tip_id = await cast.sent_tip(units, "assault", urgency=Urgency.U0)
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD)
    assert [(card.resident_id, card.lane) for card in cards] == [
        (duty.resident_id, Lane.URGENT), (inspector.resident_id, Lane.URGENT),
    ]  # fmt: skip
    async with units() as unit:
        told = {item.resident_id: item for item in await unit.deliveries.claim([card.id for card in cards])}
        assert told[duty.resident_id].facts == {}
        assert told[inspector.resident_id].facts == {"informed": True}
        with pytest.raises(NotFound):
            await unit.tips.card(inspector, tip_id)


async def test_files_are_wanted_and_follow_when_they_are_there(units: Units) -> None:
    photo = PartDraft(PartKind.PHOTO, "Вот он", MediaDraft(PartKind.PHOTO, "file-1", "image/jpeg", 9))
    tip_id = await cast.sent_tip(units, parts=[cast.words(), photo])
    (media,) = await cast.rows(units, Media)
    assert (media.state, media.file, media.messenger) == ("wanted", "file-1", "telegram")
    assert b"file-1" not in media.file_sealed
    async with units() as unit:
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/png")
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/png")
    assert await kinds_of(units, tip_id) == ["tip_sent", "card", "card_part"]


# -- who sees what


def plain_columns(table: type[Any]) -> list[str]:
    return [name for name in inspect(table).columns.keys() if not name.endswith("_sealed")]


async def test_a_hidden_tip_has_no_sender_in_any_plain_column(units: Units) -> None:
    """Nor in any other table: the one place that knows the sender is the vault, and it is sealed."""
    async with units() as unit:
        sender = await cast.newcomer(unit)
        sent = await cast.submit(unit, sender, identity=Identity.HIDDEN, parts=[cast.words(source="c1:1")])
        await unit.tips.add(sender, sent.id, cast.words("Ещё", "c1:2"))
    suspects = {sender.id, str(sender.id), sender.name, sender.endpoint_id, str(sender.endpoint_id)}
    for table in (Tip, TipPart, Event, Vault):
        for row in await cast.rows(units, table):
            found = [name for name in plain_columns(table) if getattr(row, name) in suspects]
            assert found == [], (table, found)
    tied = [notice for notice in await cast.rows(units, Notice) if notice.vault_id == sent.id]
    assert [notice.kind for notice in tied] == ["tip_sent"]
    for notice in tied:
        assert [name for name in plain_columns(Notice) if getattr(notice, name) in suspects] == []
    (vault,) = await cast.rows(units, Vault)
    assert vault.resident == sender.id


async def test_a_hidden_tip_shows_an_alias_and_a_named_one_the_name(units: Units) -> None:
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        hidden = await cast.submit(unit, sender, identity=Identity.HIDDEN)
        named = await cast.submit(unit, sender)
        assert (await unit.tips.card(inspector, named.id)).sender == "Зарина К."
        alias = (await unit.tips.card(inspector, hidden.id)).sender
    assert "Зарина" not in alias
    assert alias.startswith(f"№{hidden.number}-")


async def test_a_cut_link_is_cut_for_good(units: Units) -> None:
    """No vault row, no message ids that lead back, no notice; the holder is told that nobody hears him."""
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        speaker = await cast.resident(unit, 2001)
        sent = await cast.submit(unit, sender, identity=Identity.HIDDEN, parts=[cast.words(source="c:7")])
        other = await cast.submit(unit, sender, identity=Identity.HIDDEN)
    (told,) = await cast.rows(units, Notice, Notice.vault_id == sent.id)
    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([told.id])
        await unit.deliveries.settle([Settlement(delivery.id, delivery.fence, NoticeState.SENT, message="4711")])
        await unit.tips.ask(inspector, sent.id, cast.words("Где?"), speaker)
    async with units() as unit:
        view = await unit.tips.cut(sender, sent.id)
    assert (view.identity, view.state) == (Identity.CUT, "taken")
    assert (await events_of(units, sent.id))[-1] == ("cut", "taken")
    assert [kind for kind, _ in await events_of(units, sent.id)].count("cut") == 1
    assert [row.id for row in await cast.rows(units, Vault)] == [other.id]
    assert {part.source for part in await cast.rows(units, TipPart, TipPart.tip_id == sent.id)} == {None}
    first, *rest = await cast.rows(units, Notice, Notice.vault_id == sent.id)
    assert (first.state, first.ref, first.message_sealed) == ("sent", None, None)
    assert {(row.kind, row.state, row.error) for row in rest} == {
        ("tip_taken", "cancelled", "cut"), ("tip_question", "cancelled", "cut"),
    }  # fmt: skip
    async with units() as unit:
        assert [tip.id for tip in await unit.tips.mine(sender)] == [other.id]
        for attempt in (
            unit.tips.cut(sender, sent.id), unit.tips.sent(sender, sent.id), unit.tips.reopen(sender, sent.id),
            unit.tips.add(sender, sent.id, cast.words()),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await attempt
        assert await unit.tips.edited(sender, "c:7", "Другое") is None
        for speak in (unit.tips.ask, unit.tips.answer):
            with pytest.raises(NoContact):
                await speak(inspector, sent.id, cast.words("Рақмет"), speaker)
    async with units() as unit:
        assert (await close(unit, sent.id)).state == "closed"
    assert await kinds_of(units, sent.id) == ["tip_sent", "card", "tip_taken", "tip_question"]


async def test_only_the_sender_of_a_hidden_tip_cuts_its_link(units: Units) -> None:
    async with units() as unit:
        sender, stranger = await cast.resident(unit), await cast.resident(unit, 1003)
        hidden = await cast.submit(unit, sender, identity=Identity.HIDDEN)
        named = await cast.submit(unit, sender)
        for person, tip in ((stranger, hidden), (stranger, named), (sender, named)):
            with pytest.raises(NotFound):
                await unit.tips.cut(person, tip.id)
    assert [row.id for row in await cast.rows(units, Vault)] == [hidden.id]
    assert {tip.identity for tip in await cast.rows(units, Tip)} == {"hidden", "named"}


async def test_stop_cuts_every_hidden_tip(units: Units) -> None:
    async with units() as unit:
        sender, other = await cast.resident(unit), await cast.resident(unit, 1003)
        mine = [(await cast.submit(unit, sender, identity=Identity.HIDDEN)).id for _ in range(2)]
        named = (await cast.submit(unit, sender)).id
        theirs = (await cast.submit(unit, other, identity=Identity.HIDDEN)).id
    async with units() as unit:
        await unit.tips.cut_all(sender)
    assert {tip.id: tip.identity for tip in await cast.rows(units, Tip)} == {
        mine[0]: "cut", mine[1]: "cut", named: "named", theirs: "hidden",
    }  # fmt: skip
    assert [row.id for row in await cast.rows(units, Vault)] == [theirs]
    for tip_id in mine:
        assert (await events_of(units, tip_id))[-1][0] == "cut"


async def test_nobody_else_reads_a_tip(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        for badge in (cast.ASEL, cast.CYBER, cast.DUTY_D1, cast.OWN_SECURITY, cast.STAFF, cast.HEAD, cast.ADMIN):
            officer, speaker = await cast.officer(unit, badge), await cast.resident(unit, 2002)
            for attempt in (
                unit.tips.card(officer, tip_id), unit.tips.take(officer, tip_id),
                unit.tips.ask(officer, tip_id, cast.words(), speaker),
                unit.tips.answer(officer, tip_id, cast.words(), speaker),
                unit.tips.close(officer, tip_id, "measures_taken", cast.words(), speaker),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await attempt
            assert await cast.held(unit, officer) == []
        stranger = await cast.resident(unit, 1003)
        for attempt in (
            unit.tips.sent(stranger, tip_id), unit.tips.add(stranger, tip_id, cast.words()),
            unit.tips.rate(stranger, tip_id, 5), unit.tips.reopen(stranger, tip_id),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await attempt
        assert await unit.tips.mine(stranger) == []


async def test_a_complaint_about_an_officer_exists_for_own_security_alone(units: Units) -> None:
    """No list, no card, no count, no notice, no "already taken": for everybody else there is no such tip."""
    tip_id = await cast.sent_tip(units, "officer_complaint")
    async with units() as unit:
        everybody = await unit.officers.everyone()
        for officer in everybody:
            seen = [tip.id for tip in await cast.held(unit, officer)]
            assert seen == ([tip_id] if officer.badge == cast.OWN_SECURITY else []), officer.badge
        own = await cast.officer(unit, cast.OWN_SECURITY)
        await unit.tips.take(own, tip_id)
        for officer in everybody:
            if officer.badge != cast.OWN_SECURITY:
                with pytest.raises(NotFound):
                    await unit.tips.take(officer, tip_id)
        assert {who for _kind, who in await cast.told(units, Notice.kind == NoticeKind.CARD)} <= {own.resident_id}


async def test_own_securitys_desk_alone_gives_no_sight_of_complaints(units: Units) -> None:
    """The role does, so that a mistaken duty entry opens nothing."""
    tip_id = await cast.sent_tip(units, "officer_complaint")
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASKAR)
        held = await unit.tips.for_notice(tip_id)
        assert held is not None
        posing = replace(inspector, duties=(*inspector.duties, DutyView(Role.DESK, None, held.desk_id)))
        assert await cast.held(unit, posing) == []
        with pytest.raises(NotFound):
            await unit.tips.card(posing, tip_id)


# -- taking


async def test_the_whole_life_with_its_events_and_notices(units: Units) -> None:
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        speaker = await cast.resident(unit, 2001)
        sent = await cast.submit(unit, sender)
    steps: list[Any] = [
        lambda unit: unit.tips.take(inspector, sent.id),
        lambda unit: unit.tips.ask(inspector, sent.id, cast.words("Қай кіреберіс?"), speaker),
        lambda unit: unit.tips.add(sender, sent.id, cast.words("Үшінші")),
        lambda unit: unit.tips.answer(inspector, sent.id, cast.words("Барамын"), speaker),
        lambda unit: unit.tips.close(inspector, sent.id, "measures_taken", cast.words("Болды"), speaker),
        lambda unit: unit.tips.rate(sender, sent.id, 5),
    ]
    for step in steps:
        async with units() as unit:
            view = await step(unit)
    assert (view.state, view.state_type, view.rating) == ("confirmed", StateType.CLOSED, 5)
    assert view.outcome is not None
    assert view.outcome.ru == "Приняты меры"
    assert await events_of(units, sent.id) == [
        *SENT, ("taken", "taken"), ("question", "need_details"), ("answered", "taken"),
        ("answer", "taken"), ("outcome", "closed"), ("rated", "confirmed"),
    ]  # fmt: skip
    holder = inspector.resident_id
    assert await cast.told(units) == [
        ("tip_sent", sender.id), ("card", holder), ("tip_taken", sender.id), ("tip_question", sender.id),
        ("card_added", holder), ("tip_answer", sender.id), ("tip_closed", sender.id), ("card_rated", holder),
    ]  # fmt: skip
    parts = await cast.rows(units, TipPart)
    assert [part.purpose for part in parts] == ["story", "question", "answer", "answer", "outcome"]


async def test_two_officers_press_take_at_once_and_one_wins(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "fraud_victim")

    async def take(badge: str) -> TipView | KorshiError:
        try:
            async with units() as unit:
                return await unit.tips.take(await cast.officer(unit, badge), tip_id)
        except KorshiError as refusal:
            return refusal

    for _round in range(3):
        first, second = await asyncio.gather(take(cast.CYBER), take(cast.CYBER_TOO))
        won = [result for result in (first, second) if isinstance(result, TipView)]
        lost = [result for result in (first, second) if isinstance(result, KorshiError)]
        assert (len(won), len(lost)) == (1, 1)
        assert isinstance(lost[0], TipAlreadyTaken)
        assert "Төбебаев" in lost[0].facts["officer"].kk or "Сайбаева" in lost[0].facts["officer"].kk
    assert await kinds_of(units, tip_id) == ["tip_sent", "card", "card", "tip_taken"]


async def test_the_same_button_twice_is_one_step(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    for _ in range(2):
        async with units() as unit:
            await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    assert await events_of(units, tip_id) == [*SENT, ("taken", "taken")]
    assert (await kinds_of(units, tip_id)).count("tip_taken") == 1


async def test_speaking_to_the_sender_takes_the_tip_from_the_queue(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "fraud_victim")
    async with units() as unit:
        cyber, speaker = await cast.officer(unit, cast.CYBER), await cast.resident(unit, 2013)
        view = await unit.tips.answer(cyber, tip_id, cast.words("Банкке қоңырау шалыңыз"), speaker)
    assert (view.officer_id, view.desk_id, view.state) == (cyber.id, None, "taken")
    assert await kinds_of(units, tip_id) == ["tip_sent", "card", "card", "tip_taken", "tip_answer"]


async def test_a_tip_nobody_ever_joined_for_lies_at_the_duty_unit(units: Units) -> None:
    async with units.house.database.writing() as session:
        await session.execute(Officer.__table__.update().values(resident_id=None))
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        held = await unit.tips.for_notice(tip_id)
        assert held is not None
        assert (await unit.territory.desk(held.desk_id or 0)).code == "duty"
    assert await kinds_of(units, tip_id) == ["tip_sent"]


# -- talking


async def test_an_answer_after_the_end_is_refused(units: Units) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        inspector, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        with pytest.raises(TipClosed):
            await unit.tips.answer(inspector, tip_id, cast.words(), speaker)
        with pytest.raises(TipClosed):
            await unit.tips.add(await cast.resident(unit), tip_id, cast.words())
        with pytest.raises(TipClosed):
            await close(unit, tip_id)


async def test_closing_needs_an_outcome_and_words(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        inspector, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        with pytest.raises(NotFound):
            await unit.tips.close(inspector, tip_id, "no_such_outcome", cast.words(), speaker)
        with pytest.raises(NotFound):
            await unit.tips.close(inspector, tip_id, "measures_taken", cast.words("  "), speaker)


async def test_an_edit_is_a_version_beside_the_old_words(units: Units) -> None:
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        sent = await cast.submit(unit, sender, parts=[cast.words("Шум", "c:7")])
        assert await unit.tips.edited(sender, "c:7", "Шум") is None
        assert await unit.tips.edited(sender, "c:8", "Другое") is None
        for words in ("Шум и крик", "Шум, крик, драка"):
            await unit.tips.edited(sender, "c:7", words)
        assert (await unit.tips.card(inspector, sent.id)).story == "Шум, крик, драка"
    assert [part.text for part in await cast.rows(units, TipPart)] == ["Шум", "Шум и крик", "Шум, крик, драка"]


async def test_a_stranger_cannot_edit_by_a_guessed_source(units: Units) -> None:
    async with units() as unit:
        await cast.submit(unit, await cast.resident(unit), parts=[cast.words("Шум", "c:7")])
        assert await unit.tips.edited(await cast.resident(unit, 1003), "c:7", "Тишина") is None
    assert [part.text for part in await cast.rows(units, TipPart)] == ["Шум"]


async def test_a_free_word_belongs_to_the_tip_that_waits_for_it(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        assert await unit.tips.open_of(sender) is None
        older, newer = await cast.submit(unit, sender), await cast.submit(unit, sender)
        found = await unit.tips.open_of(sender)
        assert found is not None
        assert found.id == newer.id
        await unit.tips.ask(inspector, older.id, cast.words("Где?"), await cast.resident(unit, 2001))
        found = await unit.tips.open_of(sender)
        assert found is not None
        assert found.id == older.id
    await clock.advance(timedelta(days=8).total_seconds())
    async with units() as unit:  # who was asked may answer late; the other tip's week is over
        found = await unit.tips.open_of(sender)
        assert found is not None
        assert found.id == older.id


# -- the end


async def test_a_tip_is_rated_once(units: Units) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        sender = await cast.resident(unit)
        for nonsense in (0, 6, -1):
            with pytest.raises(NotFound):
                await unit.tips.rate(sender, tip_id, nonsense)
        assert (await unit.tips.rate(sender, tip_id, 4)).rating == 4
        with pytest.raises(AlreadyRated):
            await unit.tips.rate(sender, tip_id, 1)
    assert [tip.rating for tip in await cast.rows(units, Tip)] == [4]


async def test_an_open_tip_is_not_rated(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.tips.rate(await cast.resident(unit), tip_id, 5)


async def test_reopened_once_it_goes_back_to_its_holder_twice_to_the_duty_unit(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        sender, inspector = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        view = await unit.tips.reopen(sender, tip_id)
    assert (view.state, view.officer_id, view.closed_at) == ("reopened", inspector.id, None)
    assert view.due_at is not None
    assert view.due_at > clock.now()
    async with units() as unit:
        await close(unit, tip_id)
        view = await unit.tips.reopen(sender, tip_id)
        assert (view.officer_id, view.desk_id is None) == (None, False)
        assert (await unit.territory.desk(view.desk_id or 0)).code == "duty-d1"
        duty = await cast.officer(unit, cast.DUTY_D1)
        assert [tip.id for tip in await cast.held(unit, duty)] == [tip_id]
        assert (await unit.tips.take(duty, tip_id)).officer_id == duty.id
    assert (await cast.told(units, Notice.kind == NoticeKind.CARD))[-1] == ("card", duty.resident_id)


async def test_a_complaint_reopened_twice_stays_at_own_security(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "officer_complaint")
    async with units() as unit:
        sender = await cast.resident(unit)
        for _ in range(2):
            await close(unit, tip_id, cast.OWN_SECURITY, 2024)
            view = await unit.tips.reopen(sender, tip_id)
        own = await cast.officer(unit, cast.OWN_SECURITY)
    assert view.officer_id == own.id


@pytest.mark.parametrize(
    ("rating", "state"), [(1, "closed"), (2, "closed"), (3, "confirmed"), (4, "confirmed"), (5, "confirmed")]
)
async def test_few_stars_confirm_nothing(units: Units, rating: int, state: str) -> None:
    tip_id = await closed_tip(units)
    async with units() as unit:
        view = await unit.tips.rate(await cast.resident(unit), tip_id, rating)
    assert (view.state, view.rating, view.can_reopen) == (state, rating, True)
    assert (await events_of(units, tip_id))[-1] == ("rated", state)


async def test_after_few_stars_it_is_reopened_and_the_next_answer_rated_anew(units: Units) -> None:
    tip_id = await closed_tip(units)
    for rating in (1, 5):
        async with units() as unit:
            sender = await cast.resident(unit)
            await unit.tips.rate(sender, tip_id, rating)
            if rating == 1:
                assert (await unit.tips.reopen(sender, tip_id)).rating is None
                await close(unit, tip_id)
    rated = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_RATED)
    assert [row.facts for row in rated] == [{"rating": 1}, {"rating": 5}]
    assert [tip.rating for tip in await cast.rows(units, Tip)] == [5]


async def test_what_the_sender_confirmed_may_come_back_for_two_weeks(units: Units, clock: FakeClock) -> None:
    early, late = await closed_tip(units), await closed_tip(units)
    async with units() as unit:
        sender = await cast.resident(unit)
        for tip_id in (early, late):
            await unit.tips.rate(sender, tip_id, 5)
    await clock.advance(timedelta(days=14).total_seconds())
    async with units() as unit:
        assert (await unit.tips.reopen(sender, early)).state == "reopened"
    await clock.advance(1)
    async with units() as unit:
        assert not (await unit.tips.sent(sender, late)).can_reopen
        with pytest.raises(StepNotLegal):
            await unit.tips.reopen(sender, late)
        with pytest.raises(StepNotLegal):
            await unit.tips.reopen(sender, early)  # it is open


async def test_what_was_not_confirmed_may_be_reopened_later_too(units: Units, clock: FakeClock) -> None:
    tip_id = await closed_tip(units)
    await clock.advance(timedelta(days=30).total_seconds())
    async with units() as unit:
        assert (await unit.tips.reopen(await cast.resident(unit), tip_id)).state == "reopened"


async def test_the_words_of_a_tip_are_sealed_in_the_file(units: Units) -> None:
    """A dump without keys tells nothing of the story, the place, the name."""
    canary = "Канарейка-семь"
    async with units() as unit:
        await cast.submit(unit, await cast.resident(unit), parts=[cast.words(canary)], place=canary)
    async with units.house.database.reading() as session:
        for table in ("tips", "tip_parts", "events", "notices"):
            for row in (await session.execute(text(f"SELECT * FROM {table}"))).all():  # noqa: S608
                for value in row:
                    kept = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    assert canary.encode() not in kept
