"""Files: wanted, stored, refused, lost; each end is told to whoever holds the tip."""

from datetime import timedelta

import pytest

from bot.services.media import TRIES, MediaDraft
from bot.services.tips import PartDraft
from bot.services.unit import Units
from bot.store.media import Media
from bot.store.notices import Notice
from bot.terms import Identity, Messenger, NoticeKind, PartKind
from tests.clocks import FakeClock
from tests.services import cast

PHOTO = PartDraft(PartKind.PHOTO, "Вот он", MediaDraft(PartKind.PHOTO, "file-1", "image/jpeg", 9))


async def photo(units: Units) -> int:
    await cast.sent_tip(units, parts=[PHOTO])
    (media,) = await cast.rows(units, Media)
    return int(media.id)


async def test_what_is_wanted_is_found_and_what_is_stored_is_not(units: Units) -> None:
    media_id = await photo(units)
    async with units() as unit:
        assert [item.id for item in await unit.shelf.wanted()] == [media_id]
        assert await unit.shelf.next_due() == units.house.clock.now()
        await unit.shelf.stored(media_id, b"d" * 32, 9, "image/png")
    async with units() as unit:
        assert await unit.shelf.wanted() == []
        view = await unit.shelf.get(media_id)
    assert view is not None
    assert (view.state, view.digest, view.mime, view.file) == ("stored", b"d" * 32, "image/png", "file-1")


async def test_tries_are_spread_out_and_end(units: Units, clock: FakeClock) -> None:
    media_id = await photo(units)
    for attempt in range(1, TRIES):
        async with units() as unit:
            await unit.shelf.retry_later(media_id, "unreachable")
            assert await unit.shelf.wanted() == []
            assert await unit.shelf.next_due() == clock.now() + timedelta(seconds=2**attempt)
        await clock.advance(2**attempt)
    async with units() as unit:
        await unit.shelf.retry_later(media_id, "unreachable" * 9)
    (row,) = await cast.rows(units, Media)
    assert (row.state, len(row.reason)) == ("lost", 40)
    assert len(await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_PART)) == 1


async def test_a_refused_file_is_told_to_the_holder(units: Units) -> None:
    media_id = await photo(units)
    async with units() as unit:
        await unit.shelf.refuse(media_id, "too_large")
        inspector = await cast.officer(unit, cast.ASKAR)
    (notice,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_PART)
    assert notice.resident_id == inspector.resident_id


async def test_a_file_goes_to_who_holds_the_tip_when_it_comes(units: Units) -> None:
    await cast.sent_tip(units, "fraud_victim", parts=[PHOTO])
    (media,) = await cast.rows(units, Media)
    async with units() as unit:
        cyber = await cast.officer(unit, cast.CYBER_TOO)
        (tip,) = await cast.held(unit, cyber)
        await unit.tips.take(cyber, tip.id)
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/png")
    assert await cast.told(units, Notice.kind == NoticeKind.CARD_PART) == [("card_part", cyber.resident_id)]


async def test_each_messenger_has_its_own_id_of_a_file(units: Units) -> None:
    media_id = await photo(units)
    async with units() as unit:
        assert await unit.shelf.file_id(media_id, Messenger.TELEGRAM) == "file-1"
        assert await unit.shelf.file_id(media_id, Messenger.WHATSAPP) is None
        await unit.shelf.remember_file_id(media_id, Messenger.WHATSAPP, "wa-9")
        assert await unit.shelf.file_id(media_id, Messenger.WHATSAPP) == "wa-9"
        assert await unit.shelf.file_id(404, Messenger.TELEGRAM) is None
    (row,) = await cast.rows(units, Media)
    assert b"wa-9" not in row.sent_as_sealed


async def test_a_picture_sent_as_a_file_is_never_passed_on_by_the_messengers_own_id(units: Units) -> None:
    """That copy still carries its maker and its place; ours is sent instead."""
    draft = PartDraft(PartKind.DOCUMENT, "", MediaDraft(PartKind.DOCUMENT, "file-9", "image/jpeg", 9))
    await cast.sent_tip(units, parts=[draft])
    (media,) = await cast.rows(units, Media)
    async with units() as unit:
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/jpeg", b"o" * 32)
        assert await unit.shelf.file_id(media.id, Messenger.TELEGRAM) is None
        await unit.shelf.remember_file_id(media.id, Messenger.TELEGRAM, "ours-1")
        assert await unit.shelf.file_id(media.id, Messenger.TELEGRAM) == "ours-1"
    photo_id = (await cast.rows(units, Media))[0].id
    assert photo_id == media.id


@pytest.mark.parametrize(("identity", "passed"), [(Identity.HIDDEN, None), (Identity.NAMED, "file-7")])
async def test_a_hidden_sender_is_not_told_by_what_his_file_is_called(
    units: Units, identity: Identity, passed: str | None
) -> None:
    """The messenger's own copy keeps the name of the file: «Ivanov_bill.pdf»."""
    draft = PartDraft(PartKind.DOCUMENT, "", MediaDraft(PartKind.DOCUMENT, "file-7", "application/pdf", 9))
    await cast.sent_tip(units, parts=[draft], identity=identity)
    (media,) = await cast.rows(units, Media)
    async with units() as unit:
        await unit.shelf.stored(media.id, b"d" * 32, 9, "application/pdf")
        assert await unit.shelf.file_id(media.id, Messenger.TELEGRAM) == passed


async def test_the_sender_hears_that_a_file_was_not_taken(units: Units) -> None:
    media_id = await photo(units)
    async with units() as unit:
        await unit.shelf.refuse(media_id, "dangerous")
        person = await cast.resident(unit)
        assert await unit.shelf.file_id(media_id, Messenger.TELEGRAM) is None
    (notice,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.FILE_REFUSED)
    assert (notice.resident_id, notice.facts["reason"]) == (person.id, "dangerous")
