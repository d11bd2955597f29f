"""Groups: added, bound, moved, merged, left."""

import pytest

from bot.errors import NotAllowed, NotFound
from bot.services.notices import Promise, Recipient
from bot.services.unit import Unit, Units
from bot.store.audit import AuditEntry
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.terms import Messenger, NoticeKind
from tests.services import cast

TG = Messenger.TELEGRAM


async def bound(unit: Unit, address: str = "-500", title: str = "Көршілер") -> int:
    chat = await unit.chats.added(TG, address, title)
    await unit.chats.bind(chat.id, await cast.precinct_id(unit), await cast.officer(unit, cast.ASKAR))
    return chat.id


async def row_of(units: Units, chat_id: int) -> Chat:
    (row,) = await cast.rows(units, Chat, Chat.id == chat_id)
    assert isinstance(row, Chat)
    return row


async def test_added_twice_is_one_chat_with_its_newest_title(units: Units) -> None:
    async with units() as unit:
        first = await unit.chats.added(TG, "-500", "Көршілер")
        again = await unit.chats.added(TG, "-500", "Көршілер 2", is_admin=True)
    assert again.id == first.id
    row = await row_of(units, first.id)
    assert (row.title, row.is_admin, row.address) == ("Көршілер 2", True, "-500")
    assert b"-500" not in row.address_sealed + row.fingerprint


async def test_an_inspector_binds_to_his_own_precinct_only(units: Units) -> None:
    async with units() as unit:
        chat = await unit.chats.added(TG, "-500", "Көршілер")
        inspector, other = await cast.precinct_id(unit), await cast.precinct_id(unit, "102")
        with pytest.raises(NotAllowed):
            await unit.chats.bind(chat.id, other, await cast.officer(unit, cast.ASKAR))
        for badge in (cast.STAFF, cast.ADMIN, cast.DUTY_D1):
            with pytest.raises(NotAllowed):
                await unit.chats.bind(chat.id, inspector, await cast.officer(unit, badge))
        with pytest.raises(NotFound):
            await unit.chats.bind(404, inspector, await cast.officer(unit, cast.ASKAR))
        view = await unit.chats.bind(chat.id, inspector, await cast.officer(unit, cast.ASKAR))
        assert view.precinct_id == inspector
    (entry,) = await cast.rows(units, AuditEntry, AuditEntry.action == "chat_bound")
    assert entry.subject == f"chat:{chat.id}"


async def test_leaving_ends_the_binding(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        await unit.chats.removed(TG, "-500")
        await unit.chats.removed(TG, "-404")
    row = await row_of(units, chat_id)
    assert (row.state, row.precinct_id, row.bound_by, row.bound_at) == ("left", None, None, None)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.chats.bind(chat_id, await cast.precinct_id(unit), await cast.officer(unit, cast.ASKAR))
        assert (await unit.chats.added(TG, "-500", "Көршілер")).is_open


async def test_a_moved_group_keeps_its_binding_and_its_notices(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        await unit.notices.promise(Promise(NoticeKind.APOLOGY, Recipient(chat_id=chat_id)))
        await unit.chats.moved(TG, "-500", "-100500")
    row = await row_of(units, chat_id)
    assert (row.address, row.state) == ("-100500", "open")
    assert row.precinct_id is not None
    async with units() as unit:
        assert await unit.chats.at(TG, "-500") is None
        (notice,) = await cast.rows(units, Notice)
        (delivery,) = await unit.deliveries.claim([notice.id])
        assert delivery.address == "-100500"


async def test_moving_twice_or_from_nowhere_changes_nothing(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        for _ in range(2):
            await unit.chats.moved(TG, "-500", "-100500")
        await unit.chats.moved(TG, "-404", "-100404")
        assert await unit.chats.at(TG, "-100404") is None
    assert (await row_of(units, chat_id)).address == "-100500"


async def test_a_twin_that_was_met_first_is_merged(units: Units) -> None:
    """The supergroup was written down as new before Telegram told that it is the old group."""
    async with units() as unit:
        old = await bound(unit)
        twin = (await unit.chats.added(TG, "-100500", "Көршілер")).id
        for chat_id in (old, twin):
            await unit.notices.promise(
                Promise(NoticeKind.WARNING, Recipient(chat_id=chat_id), warning_id=7),
            )
        await unit.notices.promise(
            Promise(NoticeKind.WARNING, Recipient(chat_id=twin), warning_id=8),
            Promise(NoticeKind.APOLOGY, Recipient(chat_id=twin)),
        )
        await unit.chats.moved(TG, "-500", "-100500")
    kept, merged = await row_of(units, old), await row_of(units, twin)
    assert (kept.address, kept.state) == ("-100500", "open")
    assert kept.precinct_id is not None
    assert (merged.state, merged.precinct_id) == ("dead", None)
    notices = [(n.kind, n.warning_id, n.chat_id, n.state) for n in await cast.rows(units, Notice)]
    assert notices == [
        ("warning", 7, old, "due"), ("warning", 7, twin, "cancelled"), ("warning", 8, old, "due"),
        ("apology", None, old, "due"),
    ]  # fmt: skip
    async with units() as unit:
        found = await unit.chats.at(TG, "-100500")
        assert found is not None
        assert found.id == old


async def test_the_twins_binding_is_not_lost_when_the_old_group_had_none(units: Units) -> None:
    async with units() as unit:
        old = (await unit.chats.added(TG, "-500", "Көршілер")).id
        await bound(unit, "-100500")
        await unit.chats.moved(TG, "-500", "-100500")
    assert (await row_of(units, old)).precinct_id is not None
