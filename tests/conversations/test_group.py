"""Neighbourhood groups: greeted, bound by the inspector and the chat's administrator, quiet, left, moved."""

from datetime import timedelta

import pytest

from bot.services.chats import chat_fingerprint
from bot.speech.calls import Bind
from bot.store.chats import Chat
from bot.store.inbox import InboxItem
from bot.store.residents import Resident
from bot.store.tips import Tip
from bot.terms import Messenger
from tests.conversations import in_both_languages
from tests.conversations.journeys import category, number_in, resident, rows, tile, tip_of
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORBIDDEN = "You have no right to do this."
NOT_ADMIN = "Only an administrator of this chat can do this."
OVER = "This request does not count any more. The inspector should ask again: /bind"
REMOVED = (
    "The bot was removed from the group “{what}”. The group is not bound to your precinct any more, and warnings do not"
    " reach it."
)
UNBOUND = "The group “{what}” is not bound to your precinct any more, and warnings do not reach it."


async def chat_at(stage: Stage, group: int) -> Chat:
    (chat,) = await rows(stage, Chat, Chat.fingerprint == chat_fingerprint(Messenger.TELEGRAM, str(group)))
    assert isinstance(chat, Chat)
    return chat


async def greeted(stage: Stage, *members: Person, **more: object) -> int:
    group = await stage.group("Соседи", *members, **more)
    await stage.call(f"/sim/groups/{group}/add_bot", {"by": members[0].id})
    await stage.settle()
    return group


async def presses_in(person: Person, group: int, row: int = 0) -> None:
    """A button under the bot's last word that has any to press."""
    said = await person.stage.said_in(group)
    message = next(one for one in reversed(said) if one["buttons"] and "data" in one["buttons"][0][0])
    button = message["buttons"][row][0]["data"]
    await person.in_group(group, "press", {"button": button, "message_id": message["message_id"]})


async def binds(inspector: Person, group: int) -> None:
    """His precinct alone; where he administers the chat himself this is all."""
    await presses_in(inspector, group)
    await presses_in(inspector, group)


async def last_in(stage: Stage, group: int) -> str:
    return str((await stage.said_in(group))[-1]["text"])


async def test_the_bot_greets_in_both_languages_and_the_inspector_binds(stage: Stage) -> None:
    """Wrong hands first: a neighbour, the inspector as his own administrator, a neighbour again."""
    chair, neighbour, inspector = await resident(stage), await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, chair, neighbour, inspector)
    (greeting,) = await stage.said_in(group)
    assert greeting["text"].index("құрметті көршілер") < greeting["text"].index("уважаемые соседи")
    await presses_in(neighbour, group)
    assert neighbour.heard(FORBIDDEN)
    await presses_in(chair, group)
    assert chair.heard(FORBIDDEN)
    await binds(inspector, group)
    asked = await chat_at(stage, group)
    assert (asked.precinct_id, asked.asked_precinct_id is not None) == (None, True)
    text = await last_in(stage, group)
    assert "№ 203" in text
    assert text.index("Нұрлан Далабаев") < text.index("Нурлан Далабаев")
    for wrong in (neighbour, inspector):
        await presses_in(wrong, group)
        assert wrong.heard(NOT_ADMIN)
        assert (await chat_at(stage, group)).precinct_id is None
    await presses_in(chair, group)
    chat = await chat_at(stage, group)
    assert chat.precinct_id == asked.asked_precinct_id
    assert (chat.asked_by, chat.bound_by) == (None, asked.asked_by)
    bound = (await stage.said_in(group))[-1]
    assert "№ 203" in bound["text"]
    assert "/unbind" in bound["text"]
    assert not bound["buttons"]


async def test_an_inspector_who_administers_the_chat_needs_nobody_else(stage: Stage) -> None:
    neighbour, inspector = await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, neighbour, inspector, admins=[inspector.id])
    await binds(inspector, group)
    assert (await chat_at(stage, group)).precinct_id is not None


async def test_an_administrator_may_refuse_and_old_buttons_bind_nothing(stage: Stage) -> None:
    chair, inspector = await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, chair, inspector)
    await binds(inspector, group)
    chat = await chat_at(stage, group)
    confirm = Bind(chat=chat.id, precinct=chat.asked_precinct_id or 0, second=-1, do="confirm").pack()
    await presses_in(chair, group, row=1)
    chat = await chat_at(stage, group)
    assert (chat.precinct_id, chat.asked_precinct_id, chat.asked_at) == (None, None, None)
    assert (await stage.said_in(group))[-1]["buttons"]  # the way to ask again
    await chair.forges(confirm, group)
    assert chair.heard(OVER)
    await binds(inspector, group)  # and again
    await chair.forges(Bind(chat=chat.id, precinct=1, second=2, do="confirm").pack(), group)
    assert chair.heard(OVER)
    await presses_in(chair, group)
    assert (await chat_at(stage, group)).precinct_id is not None
    await chair.forges(confirm, group)  # pressed twice
    assert chair.heard(OVER)


async def test_a_request_is_over_after_a_week(stage: Stage) -> None:
    chair, inspector = await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, chair, inspector)
    await binds(inspector, group)
    stage.clock.shift += timedelta(days=7, minutes=1)
    try:
        await presses_in(chair, group)
        assert chair.heard(OVER)
        assert (await chat_at(stage, group)).precinct_id is None
        await inspector.in_group(group, "say", {"text": "/bind"})
        await presses_in(inspector, group)
        await presses_in(chair, group)
        assert (await chat_at(stage, group)).precinct_id is not None
    finally:
        stage.clock.shift -= timedelta(days=7, minutes=1)


async def test_one_yard_in_two_precincts_names_both_inspectors(stage: Stage) -> None:
    chair, inspector = await resident(stage), await stage.existing("t2005", "kk")
    group = await greeted(stage, chair, inspector)
    await presses_in(inspector, group)
    offered = (await stage.said_in(group))[-1]["buttons"]
    assert len(offered) > 1
    async with stage.app.units.reading() as unit:
        mine = await unit.territory.by_code("201")
        assert mine is not None
        beside = await unit.neighbours.of(mine.id)
        far = next(place for place in await unit.territory.precincts() if place not in [mine, *beside])
        second = await unit.officers.inspector_of(beside[0].id)
    assert second is not None
    await inspector.forges(Bind(chat=(await chat_at(stage, group)).id, precinct=mine.id, second=far.id).pack(), group)
    assert inspector.heard(FORBIDDEN)
    await presses_in(inspector, group, row=1)
    await presses_in(chair, group)
    chat = await chat_at(stage, group)
    assert (chat.precinct_id, chat.second_precinct_id) == (mine.id, beside[0].id)
    text = await last_in(stage, group)
    for word in (mine.name.kk, mine.name.ru, beside[0].name.ru, "Серік Қырбаев", second.name.kk):
        assert word in text
    await chair.in_group(group, "say", {"text": f"@{stage.stand.world.settings.bot_username} участковый кім?"})
    text = await last_in(stage, group)
    assert text.index("Серік Қырбаев") < text.index(second.name.kk)
    assert text.index(second.name.kk) < text.index("Серик Кырбаев") < text.index(second.name.ru)
    assert text.count("\n\n") == 3  # a precinct a paragraph, in each language


async def test_our_inspector_in_the_group(stage: Stage) -> None:
    """In both languages, whoever asks, and nothing about who asked."""
    neighbour, inspector = await stage.person("telegram", "Любопытный Сосед"), await stage.existing("t2007", "kk")
    group = await greeted(stage, inspector, neighbour)
    await neighbour.in_group(group, "say", {"text": "/inspector"})
    answer = (await stage.said_in(group))[-1]
    assert answer["buttons"][0][0]["kind"] == "url"
    await binds(inspector, group)
    name = stage.stand.world.settings.bot_username
    for words in (
        "/inspector",
        f"@{name} участковый кім?",
        f"@{name} Кто наш участковый",
        f"инспектордың нөмірі @{name}",
    ):
        before = len(await stage.said_in(group))
        await neighbour.in_group(group, "say", {"text": words})
        text = await last_in(stage, group)
        assert len(await stage.said_in(group)) == before + 1
        assert text.index("Нұрлан Далабаев") < text.index("Нурлан Далабаев"), words
        assert "+77000000107" in text
        assert "Любопытный" not in text
    await neighbour.in_group(group, "say", {"text": "кто участковый?"})  # to the neighbours, not to the bot
    assert len(await stage.said_in(group)) == before + 1
    await neighbour.in_group(group, "say", {"text": f"@{name} участковый взял взятку"})
    assert (await stage.said_in(group))[-1]["buttons"][0][0]["kind"] == "url"


async def test_staff_who_are_no_inspectors_do_not_bind(stage: Stage) -> None:
    neighbour, staff = await resident(stage), await stage.existing("t2025", "kk")
    group = await greeted(stage, neighbour, staff, admins=[staff.id])
    await presses_in(staff, group)
    assert staff.heard(FORBIDDEN)
    said = len(await stage.said_in(group))
    for person in (staff, neighbour):
        await person.in_group(group, "say", {"text": "/bind"})
    assert len(await stage.said_in(group)) == said
    assert (await chat_at(stage, group)).precinct_id is None


async def test_an_anonymous_administrator_confirms_and_undoes_by_commands(stage: Stage) -> None:
    """He has no hand to press with; speaking as the chat itself is what only its administrators can."""
    chair, inspector, neighbour = await resident(stage), await stage.existing("t2007", "kk"), await resident(stage)
    group = await greeted(stage, chair, inspector, neighbour)
    said = len(await stage.said_in(group))
    await chair.in_group(group, "say", {"text": "/confirm", "as": "anonymous_admin"})
    assert (await stage.said_in(group))[-1]["text"].count("/bind") == 2
    await binds(inspector, group)
    for disguise in ({}, {"as": "channel"}):
        await neighbour.in_group(group, "say", {"text": "/confirm", **disguise})
        assert (await chat_at(stage, group)).precinct_id is None
    assert len(await stage.said_in(group)) == said + 1
    await chair.in_group(group, "say", {"text": "/confirm", "as": "anonymous_admin"})
    assert (await chat_at(stage, group)).precinct_id is not None
    for wrong in ({}, {"as": "channel"}):
        await neighbour.in_group(group, "say", {"text": "/unbind", **wrong})
        assert (await chat_at(stage, group)).precinct_id is not None
    await chair.in_group(group, "say", {"text": "/unbind", "as": "anonymous_admin"})
    assert (await chat_at(stage, group)).precinct_id is None
    assert await inspector.hears(UNBOUND, what="Соседи")


async def test_the_inspector_undoes_his_own_group_only(stage: Stage) -> None:
    inspector, other = await stage.existing("t2007", "kk"), await stage.existing("t2008", "kk")
    group = await greeted(stage, inspector, other)
    await binds(inspector, group)
    await presses_of(other, group)
    await other.in_group(group, "say", {"text": "/unbind"})
    assert (await chat_at(stage, group)).precinct_id is not None
    await inspector.in_group(group, "say", {"text": "/unbind"})
    chat = await chat_at(stage, group)
    assert (chat.precinct_id, chat.bound_by) == (None, None)
    assert (await stage.said_in(group))[-1]["buttons"]


async def presses_of(person: Person, group: int) -> None:
    """A colleague's press on a bound group."""
    chat = await chat_at(person.stage, group)
    await person.forges(Bind(chat=chat.id).pack(), group)
    assert person.heard(FORBIDDEN)


async def test_a_messenger_that_does_not_tell_its_administrators_confirms_nothing(stage: Stage) -> None:
    chair, inspector = await resident(stage), await stage.existing("t2007", "kk")
    group = await greeted(stage, chair, inspector)
    await binds(inspector, group)
    await stage.fault({"method": "getChatAdministrators"}, {"kind": 500}, times=1)
    await presses_in(chair, group)
    assert chair.heard(NOT_ADMIN)
    await presses_in(chair, group)
    assert (await chat_at(stage, group)).precinct_id is not None


async def test_a_button_of_one_group_does_not_bind_another(stage: Stage) -> None:
    inspector, other = await stage.existing("t2008", "kk"), await stage.existing("t2009", "kk")
    mine, foreign = await greeted(stage, inspector), await greeted(stage, other)
    chat = await chat_at(stage, foreign)
    for do in ("ask", "confirm", "refuse"):
        await inspector.forges(Bind(chat=chat.id, do=do).pack(), mine)
        assert inspector.heard(FORBIDDEN)
    assert (await chat_at(stage, foreign)).precinct_id is None
    own = (await chat_at(stage, mine)).id
    async with stage.app.units.reading() as unit:
        (elsewhere,) = (await unit.officers.by_badge("A-1009")).precinct_ids
    await inspector.forges(Bind(chat=own, precinct=elsewhere, second=-1).pack(), mine)  # another's precinct
    assert inspector.heard(FORBIDDEN)
    await binds(inspector, mine)
    assert (await chat_at(stage, mine)).precinct_id is not None
    assert (await chat_at(stage, foreign)).precinct_id is None


@in_both_languages
async def test_a_tip_that_begins_in_a_bound_group_may_be_placed_in_its_yard(stage: Stage, language: str) -> None:
    """Offered, never assumed; a newcomer gets there too."""
    inspector = await stage.existing("t2007", "kk")
    known, newcomer = await resident(stage, language=language), await stage.person("telegram", "Новая", language)
    group = await greeted(stage, inspector, known, newcomer)
    await binds(inspector, group)
    chat = await chat_at(stage, group)
    for person in (known, newcomer):
        await person.in_group(group, "say", {"text": "/tip"})
        answer = (await stage.said_in(group))[-1]
        await person.in_group(
            group, "press", {"button": answer["buttons"][0][0]["text"], "message_id": answer["message_id"]}
        )
        if person is newcomer:
            await person.picks({"kk": "Қазақша", "ru": "Русский"}[language])
            await person.picks("I agree")
        assert person.heard("What happened? Choose from the list or write in your own words.")
        await person.picks(tile("yard", language))
        await person.picks(category("noise_night", language))
        await person.says("Музыка после полуночи")
        await person.picks("Done")
        assert person.heard("“In our yard” means the yard of the group: {place}.", place="Соседи")
        await person.picks("In our yard")
        await person.picks("Send without my name")
        await person.picks("Send")
        tip = await tip_of(stage, number_in(person))
        assert (tip.precinct_id, tip.place_source, tip.chat_id) == (chat.precinct_id, "chat", chat.id)


async def test_the_yard_is_offered_and_not_assumed(stage: Stage) -> None:
    inspector, person = await stage.existing("t2007", "kk"), await resident(stage)
    group = await greeted(stage, inspector, person)
    await binds(inspector, group)
    async with stage.app.units.reading() as unit:
        ticket = unit.chats.ticket((await chat_at(stage, group)).id)
    await person.starts(f"g_{ticket}")
    await person.picks(tile("yard", "ru"))
    await person.picks(category("noise_night", "ru"))
    await person.says("Музыка после полуночи")
    await person.picks("Done")
    await person.picks("Skip")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = await tip_of(stage, number_in(person))
    assert (tip.precinct_id, tip.chat_id) == (None, None)


async def test_a_forged_ticket_offers_no_yard(stage: Stage) -> None:
    inspector, person = await stage.existing("t2007", "kk"), await resident(stage)
    group = await greeted(stage, inspector)
    await binds(inspector, group)
    chat = await chat_at(stage, group)
    await person.starts(f"g_{chat.id}_0123456789abcdef")
    assert person.heard("What happened? Choose from the list or write in your own words.")
    await person.picks(tile("yard", "ru"))
    await person.picks(category("noise_night", "ru"))
    await person.says("Музыка после полуночи")
    await person.picks("Done")
    assert person.did_not_hear("“In our yard” means the yard of the group: {place}.")


@in_both_languages
async def test_a_tip_in_the_group_is_moved_to_the_private_chat(stage: Stage, language: str) -> None:
    neighbour = await resident(stage, language=language)
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
    assert [button["data"] for row in answer["buttons"] for button in row] == ["called:yes"]


async def test_a_group_that_becomes_a_supergroup_keeps_its_binding(stage: Stage) -> None:
    neighbour, inspector = await resident(stage), await stage.existing("t2010", "kk")
    group = await greeted(stage, inspector, neighbour, type="group")
    await binds(inspector, group)
    before = await chat_at(stage, group)
    moved = (await stage.call(f"/sim/groups/{group}/migrate", {}))["id"]
    await stage.settle()
    after = await chat_at(stage, moved)
    assert (after.id, after.precinct_id, after.state) == (before.id, before.precinct_id, "open")
    assert not await rows(stage, Chat, Chat.fingerprint == chat_fingerprint(Messenger.TELEGRAM, str(group)))


async def test_a_bot_that_was_removed_is_bound_anew(stage: Stage) -> None:
    inspector, other = await stage.existing("t2011", "kk"), await stage.existing("t2012", "kk")
    group = await greeted(stage, inspector, other)
    await binds(inspector, group)
    await stage.call(f"/sim/groups/{group}/remove_bot", {"by": inspector.id})
    await stage.settle()
    chat = await chat_at(stage, group)
    assert (chat.state, chat.precinct_id, chat.bound_by) == ("left", None, None)
    assert await inspector.hears(REMOVED, what="Соседи")
    await stage.call(f"/sim/groups/{group}/add_bot", {"by": other.id})
    await stage.settle()
    await binds(other, group)
    chat = await chat_at(stage, group)
    assert (chat.state, chat.precinct_id, chat.asked_precinct_id is not None) == ("open", None, True)
    await presses_in(inspector, group)
    chat = await chat_at(stage, group)
    assert (chat.state, chat.precinct_id is not None) == ("open", True)


async def test_a_group_is_greeted_once(stage: Stage) -> None:
    neighbour = await resident(stage)
    group = await greeted(stage, neighbour, admins=[neighbour.id])
    for promote in (True, False):
        await stage.call(f"/sim/groups/{group}/promote_bot", {"by": neighbour.id, "promote": promote})
    await stage.settle()
    assert len(await stage.said_in(group)) == 1
