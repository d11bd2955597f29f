"""Neighbourhood groups: greeted, bound by the inspector alone, quiet, left, moved."""

import pytest

from bot.services.chats import chat_fingerprint
from bot.speech.calls import Bind
from bot.store.chats import Chat
from bot.store.inbox import InboxItem
from bot.store.residents import Resident
from bot.store.tips import Tip
from bot.terms import Messenger
from tests.conversations.journeys import resident, rows
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORBIDDEN = "You have no right to do this."


async def chat_at(stage: Stage, group: int) -> Chat:
    (chat,) = await rows(stage, Chat, Chat.fingerprint == chat_fingerprint(Messenger.TELEGRAM, str(group)))
    assert isinstance(chat, Chat)
    return chat


async def greeted(stage: Stage, *members: Person, **more: object) -> int:
    group = await stage.group("Соседи", *members, **more)
    await stage.call(f"/sim/groups/{group}/add_bot", {"by": members[0].id})
    await stage.settle()
    return group


async def presses_in(person: Person, group: int) -> None:
    message = (await person.stage.said_in(group))[-1]
    button = message["buttons"][0][0]["data"]
    await person.in_group(group, "press", {"button": button, "message_id": message["message_id"]})


async def test_the_bot_greets_in_both_languages_and_the_inspector_binds(stage: Stage) -> None:
    neighbour, inspector = await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, neighbour, inspector)
    (greeting,) = await stage.said_in(group)
    assert greeting["text"].index("құрметті көршілер") < greeting["text"].index("уважаемые соседи")
    assert (await chat_at(stage, group)).precinct_id is None
    await presses_in(neighbour, group)
    assert neighbour.heard(FORBIDDEN)
    assert (await chat_at(stage, group)).precinct_id is None
    await presses_in(inspector, group)
    chat = await chat_at(stage, group)
    assert chat.precinct_id is not None
    bound = (await stage.said_in(group))[-1]
    assert "№ 203" in bound["text"]
    assert not bound["buttons"]


async def test_staff_who_are_no_inspectors_and_anonymous_administrators_do_not_bind(stage: Stage) -> None:
    neighbour, staff = await resident(stage), await stage.existing("t2025", "kk")
    group = await greeted(stage, neighbour, staff)
    await presses_in(staff, group)
    assert staff.heard(FORBIDDEN)
    await stage.call(f"/sim/people/{staff.id}/say", {"text": "/tip", "chat": group, "as": "anonymous_admin"})
    await stage.settle()
    assert (await chat_at(stage, group)).precinct_id is None


async def test_a_button_of_one_group_does_not_bind_another(stage: Stage) -> None:
    inspector, other = await stage.existing("t2008", "kk"), await stage.existing("t2009", "kk")
    mine, foreign = await greeted(stage, inspector), await greeted(stage, other)
    chat = await chat_at(stage, foreign)
    await inspector.forges(Bind(chat=chat.id).pack(), mine)
    assert inspector.heard(FORBIDDEN)
    assert (await chat_at(stage, foreign)).precinct_id is None
    await presses_in(inspector, mine)
    chat = await chat_at(stage, mine)
    assert chat.precinct_id is not None
    assert (await chat_at(stage, foreign)).precinct_id is None


async def test_a_tip_in_the_group_is_moved_to_the_private_chat(stage: Stage) -> None:
    neighbour = await resident(stage, language="kk")
    group = await greeted(stage, neighbour)
    await neighbour.in_group(group, "say", {"text": "/tip"})
    answer = (await stage.said_in(group))[-1]
    assert answer["buttons"][0][0]["kind"] == "url"
    assert answer["reply_to"]["text"] == "/tip"
    message, url = answer["message_id"], answer["buttons"][0][0]["text"]
    await neighbour.in_group(group, "press", {"button": url, "message_id": message})
    assert neighbour.heard("What happened? Choose from the list or write in your own words.")


async def test_what_neighbours_say_to_each_other_is_not_kept(stage: Stage) -> None:
    known, stranger = await resident(stage), await stage.person("telegram", "Сосед")
    group = await greeted(stage, known, stranger)
    await stage.call(f"/sim/groups/{group}/promote_bot", {"by": known.id})  # an administrator hears everything
    await stage.settle()
    residents, tips, said = await rows(stage, Resident), await rows(stage, Tip), await stage.said_in(group)
    for person in (known, stranger):
        await person.in_group(group, "say", {"text": "Во дворе снова шумят"})
        await person.in_group(group, "say", {"text": "Кто-то украл велосипед, помогите"})
        await person.in_group(group, "send", {"kind": "photo"})
    assert not [item for item in await rows(stage, InboxItem) if item.payload_sealed is not None]
    assert len(await rows(stage, Resident)) == len(residents)
    assert len(await rows(stage, Tip)) == len(tips)
    assert await stage.said_in(group) == said


async def test_words_of_danger_said_to_the_bot_show_the_numbers(stage: Stage) -> None:
    neighbour = await resident(stage)
    group = await greeted(stage, neighbour)
    await neighbour.in_group(group, "say", {"text": "/tip помогите, на меня напал человек с ножом"})
    answer = (await stage.said_in(group))[-1]
    assert "102" in answer["text"]
    assert not answer["buttons"]


async def test_a_group_that_becomes_a_supergroup_keeps_its_binding(stage: Stage) -> None:
    neighbour, inspector = await resident(stage), await stage.existing("t2010", "kk")
    group = await greeted(stage, inspector, neighbour, type="group")
    await presses_in(inspector, group)
    before = await chat_at(stage, group)
    moved = (await stage.call(f"/sim/groups/{group}/migrate", {}))["id"]
    await stage.settle()
    after = await chat_at(stage, moved)
    assert (after.id, after.precinct_id, after.state) == (before.id, before.precinct_id, "open")
    assert not await rows(stage, Chat, Chat.fingerprint == chat_fingerprint(Messenger.TELEGRAM, str(group)))


async def test_a_bot_that_was_removed_is_bound_anew(stage: Stage) -> None:
    inspector, other = await stage.existing("t2011", "kk"), await stage.existing("t2012", "kk")
    group = await greeted(stage, inspector, other)
    await presses_in(inspector, group)
    await stage.call(f"/sim/groups/{group}/remove_bot", {"by": inspector.id})
    await stage.settle()
    chat = await chat_at(stage, group)
    assert (chat.state, chat.precinct_id) == ("left", None)
    await stage.call(f"/sim/groups/{group}/add_bot", {"by": other.id})
    await stage.settle()
    await presses_in(other, group)
    chat = await chat_at(stage, group)
    assert (chat.state, chat.precinct_id is not None) == ("open", True)


async def test_a_group_is_greeted_once(stage: Stage) -> None:
    neighbour = await resident(stage)
    group = await greeted(stage, neighbour, admins=[neighbour.id])
    for promote in (True, False):
        await stage.call(f"/sim/groups/{group}/promote_bot", {"by": neighbour.id, "promote": promote})
    await stage.settle()
    assert len(await stage.said_in(group)) == 1
