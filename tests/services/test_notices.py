"""Promises are written in the commit that causes them, for those who can be reached at all."""

import pytest

from bot.services.notices import Promise, Recipient
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.terms import Identity, Messenger, NoticeKind
from tests.services import cast

APOLOGY = NoticeKind.APOLOGY


async def test_each_recipient_gets_the_channel_he_was_heard_on(units: Units) -> None:
    async with units() as unit:
        telegram = await cast.newcomer(unit)
        whatsapp = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        sent = await cast.submit(unit, whatsapp, identity=Identity.HIDDEN)
        (chat, *_) = await cast.rows(units, Chat)
        recipients = [
            Recipient(resident_id=telegram.id), Recipient(resident_id=whatsapp.id), Recipient(chat_id=chat.id),
            Recipient(vault_id=sent.id),
        ]  # fmt: skip
        await unit.notices.promise(*(Promise(APOLOGY, to) for to in recipients))
    notices = await cast.rows(units, Notice, Notice.kind == APOLOGY)
    assert [notice.messenger for notice in notices] == ["telegram", "whatsapp", "telegram", "whatsapp"]
    assert [notice.talk for notice in notices] == [telegram.id, whatsapp.id, chat.id, sent.id]


async def test_the_hidden_sender_who_is_also_named_gets_both(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        sent = await cast.submit(unit, person, identity=Identity.HIDDEN)
        await unit.notices.promise(
            Promise(APOLOGY, Recipient(vault_id=sent.id)), Promise(APOLOGY, Recipient(resident_id=person.id))
        )
    assert len(await cast.rows(units, Notice, Notice.kind == APOLOGY)) == 2


async def test_nobody_to_tell_is_no_error(units: Units) -> None:
    async with units() as unit:
        await unit.notices.promise()
        await unit.notices.promise(
            Promise(APOLOGY, Recipient(vault_id=404)), Promise(APOLOGY, Recipient(resident_id=4))
        )
    assert [n for n in await cast.rows(units, Notice) if n.resident_id != 4] == []


async def test_the_courier_is_woken_after_the_commit_and_not_by_a_rollback(units: Units) -> None:
    rung: list[int] = []
    units.on("notices", lambda: rung.append(1))
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.notices.promise(Promise(APOLOGY, Recipient(resident_id=person.id)))
        assert rung == []
    assert rung == [1]
    with pytest.raises(RuntimeError):
        async with units() as unit:
            await unit.notices.promise(Promise(APOLOGY, Recipient(resident_id=person.id)))
            raise RuntimeError
    assert rung == [1]
