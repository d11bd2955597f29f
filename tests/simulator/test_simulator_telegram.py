"""The Bot API stand-in, driven by aiogram."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BufferedInputFile,
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from simulator.app import Running
from simulator.phones.acts import sample_picture
from tests.simulator.actors import TOKEN, Ear, Hands, Sim

CHAT = 5001
PICTURE = BufferedInputFile(sample_picture("photo"), "yard.jpg")


def buttons(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=x, callback_data=f"d:{x}") for x in labels]]
    )


async def test_a_deep_link_starts_the_bot(sim: Sim, bot: Bot) -> None:
    person = await sim.resident(started=False)
    await sim.post(f"/people/{person}/start", payload="p_12")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start p_12"
    assert update.message.entities is not None
    assert [(e.type, e.offset, e.length) for e in update.message.entities] == [("bot_command", 0, 6)]
    assert update.message.from_user is not None
    assert (update.message.from_user.id, update.message.from_user.last_name) == (CHAT, "Сатова")


async def test_updates_go_only_when_the_offset_moves(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    await sim.post(f"/people/{person}/say", text="бір")
    await sim.post(f"/people/{person}/say", text="екі")
    first, second = await bot.get_updates()
    assert [u.update_id for u in await bot.get_updates()] == [first.update_id, second.update_id]
    assert [u.update_id for u in await bot.get_updates(offset=second.update_id)] == [second.update_id]
    assert await bot.get_updates(offset=second.update_id + 1) == []


async def test_a_long_poll_ends_with_the_first_update(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.05)
    await sim.post(f"/people/{person}/say", text="сәлем")
    assert len(await poll) == 1


async def test_a_second_poller_ends_the_first(bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bot.get_updates(timeout=1))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first
    assert await second == []


async def test_no_polling_beside_a_webhook(bot: Bot, ear: Ear) -> None:
    await bot.set_webhook(ear.url + "/telegram/webhook")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()


async def test_a_webhook_gets_updates_in_order_and_again_after_a_failure(sim: Sim, bot: Bot, ear: Ear) -> None:
    person = await sim.resident()
    ear.statuses = [500, 503]
    await bot.set_webhook(ear.url + "/telegram/webhook", secret_token="s3cret")
    for word in ("a", "b", "c"):
        await sim.post(f"/people/{person}/say", text=word)
    heard = await ear.wait(lambda one: one.path == "/telegram/webhook", 5)
    assert [json.loads(one.body)["message"]["text"] for one in heard] == ["a", "a", "a", "b", "c"]
    assert {one.headers["X-Telegram-Bot-Api-Secret-Token"] for one in heard} == {"s3cret"}
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert (await sim.get("/stats"))["webhook_failures"] == 2


async def test_a_webhook_may_answer_with_a_call(sim: Sim, bot: Bot, ear: Ear) -> None:
    person = await sim.resident()
    ear.answer = {"method": "sendMessage", "chat_id": CHAT, "text": "қабылданды"}
    await bot.set_webhook(ear.url + "/telegram/webhook")
    await sim.post(f"/people/{person}/say", text="сәлем")
    await sim.until(person, text="қабылданды")


async def test_updates_not_asked_for_are_not_told(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    await bot.get_updates(allowed_updates=["callback_query"])
    await sim.post(f"/people/{person}/say", text="сәлем")
    assert await bot.get_updates() == []


async def test_a_press_is_answered_once_and_in_time(sim: Sim, bot: Bot, hands: Hands) -> None:
    person = await sim.resident()
    await bot.send_message(CHAT, "?", reply_markup=buttons("Иә", "Жоқ"))
    for button in ("Жоқ", 1):
        await sim.post(f"/people/{person}/press", button=button)
    first, second = await bot.get_updates()
    assert first.callback_query is not None
    assert second.callback_query is not None
    assert [first.callback_query.data, second.callback_query.data] == ["d:Жоқ", "d:Иә"]
    await bot.answer_callback_query(first.callback_query.id, "Дайын", show_alert=True)
    assert (await sim.get(f"/people/{person}/chat"))["toasts"][0]["text"] == "Дайын"
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(first.callback_query.id)
    hands.pass_seconds(31)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(second.callback_query.id)


async def test_a_missing_button_names_those_there(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    await bot.send_message(CHAT, "?", reply_markup=buttons("Иә"))
    assert (await sim.post(f"/people/{person}/press", 404, button="Мүмкін"))["buttons"] == ["Иә"]


async def test_a_link_button_to_the_bot_acts_as_start(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    link = InlineKeyboardButton(text="Ашу", url="https://t.me/korshi_bot?start=g_7")
    web_page = InlineKeyboardButton(text="Сайт", url="https://gov.kz")
    await bot.send_message(CHAT, "?", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[link, web_page]]))
    await sim.post(f"/people/{person}/press", button="Ашу")
    assert await sim.post(f"/people/{person}/press", button="Сайт") == {"opened": "https://gov.kz"}
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start g_7"


async def test_keys_under_the_input_field(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    keys = [[KeyboardButton(text="Мен", request_contact=True), KeyboardButton(text="Осында", request_location=True)]]
    await bot.send_message(CHAT, "?", reply_markup=ReplyKeyboardMarkup(keyboard=keys))
    assert (await sim.last(person))["reply_keyboard"][0][0] == {"text": "Мен", "kind": "request_contact"}
    await sim.post(f"/people/{person}/press", button="Мен")
    await sim.post(f"/people/{person}/press", button="Осында", latitude=51.2, longitude=71.5)
    contact, place = [update.message for update in await bot.get_updates()]
    assert contact is not None
    assert contact.contact is not None
    assert contact.contact.user_id == CHAT
    assert place is not None
    assert place.location is not None
    assert place.location.latitude == 51.2
    await bot.send_message(CHAT, "!", reply_markup=ReplyKeyboardRemove())
    assert (await sim.get(f"/people/{person}/chat"))["reply_keyboard"] is None


async def test_texts_are_checked_in_utf16(sim: Sim, bot: Bot) -> None:
    await sim.resident()
    await bot.send_message(CHAT, "😀" * 2048)
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(CHAT, "😀" * 2049)
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(CHAT, "  ")
    with pytest.raises(TelegramBadRequest, match="ends after the end of the text"):
        await bot.send_message(CHAT, "😀", entities=[MessageEntity(type="bold", offset=0, length=3)])
    with pytest.raises(TelegramBadRequest, match="in a middle of a UTF-16 symbol"):
        await bot.send_message(CHAT, "😀", entities=[MessageEntity(type="bold", offset=1, length=1)])
    sent = await bot.send_message(CHAT, "  😀 ок ", entities=[MessageEntity(type="bold", offset=2, length=5)])
    assert sent.entities is not None
    assert (sent.text, sent.entities[0].offset, sent.entities[0].length) == ("😀 ок", 0, 5)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(CHAT, PICTURE, caption="ж" * 1025)


async def test_html_is_parsed_and_shown_safely(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    await bot.send_message(CHAT, "<b>1 &lt; 2</b> <a href='https://gov.kz'>сайт</a>\n<script>", parse_mode=None)
    assert "<script>" not in (await sim.last(person))["html"]
    sent = await bot.send_message(CHAT, "<b>1 &lt; <i>2</i></b>", parse_mode="HTML")
    assert sent.text == "1 < 2"
    assert (await sim.last(person))["html"] == "<b>1 &lt; <i>2</i></b>"
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(CHAT, "<b>", parse_mode="HTML")


async def test_buttons_are_checked(sim: Sim, bot: Bot) -> None:
    await sim.resident()
    for button, words in (
        ({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "Text buttons are unallowed"),
        ({"text": "x", "url": "javascript:alert(1)"}, "Wrong HTTP URL"),
        ({"text": " ", "callback_data": "x"}, "must be non-empty"),
    ):
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(**button)]])
        with pytest.raises(TelegramBadRequest, match=words):
            await bot.send_message(CHAT, "?", reply_markup=keyboard)


async def test_unknown_methods_and_parameters_are_refused(sim: Sim, stand: Running) -> None:
    await sim.resident()
    url = f"{stand.url}/bot{TOKEN}/"
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        ("sendTelepathy", {}, 404, "Not Found"),
        ("sendMessage", {"chat_id": CHAT, "text": "x", "colour": "red"}, 400, "colour"),
        ("sendMessage", {"chat_id": CHAT, "text": "x", "reply_markup": {"inline_keyboard": [], "a": 1}}, 400, '"a"'),
        ("sendMessage", {"chat_id": CHAT}, 400, "message text is empty"),
        ("sendMessage", {"text": "x"}, 400, "chat_id is empty"),
        ("sendLocation", {"chat_id": CHAT, "latitude": "north", "longitude": 1}, 400, "latitude"),
    ]
    async with aiohttp.ClientSession() as client:
        for method, params, status, words in cases:
            async with client.post(url + method, json=params) as answer:
                body = await answer.json()
                assert (answer.status, body["ok"]) == (status, False)
                assert words in body["description"]
        async with client.get(url + "sendMessage", params={"chat_id": str(CHAT), "text": "x"}) as answer:
            assert (await answer.json())["result"]["text"] == "x"
    assert (await sim.get("/stats"))["unknown_methods"] == ["sendTelepathy"]


async def test_who_cannot_be_written_to(sim: Sim, bot: Bot) -> None:
    stranger = await sim.resident(5002, started=False)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(5002, "x")
    group = await sim.group(stranger)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(5002, "x")
    person = await sim.resident()
    await sim.post(f"/people/{person}/block", blocked=True)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(CHAT, "x")
    await sim.post(f"/people/{person}/block", deactivated=True)
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_message(CHAT, "x")
    await sim.post(f"/groups/{group}/remove_bot", by=stranger)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group, "x")
    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert [(c.chat.type, c.new_chat_member.status) for c in changes] == [
        ("private", "kicked"),
        ("supergroup", "kicked"),
    ]


async def test_edits_and_deletions(sim: Sim, bot: Bot, hands: Hands) -> None:
    person = await sim.resident()
    sent = await bot.send_message(CHAT, "бір", reply_markup=buttons("x"))
    edited = await bot.edit_message_text("екі", chat_id=CHAT, message_id=sent.message_id)
    assert edited is not True
    assert edited.reply_markup is None
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("екі", chat_id=CHAT, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.edit_message_text("ж" * 4097, chat_id=CHAT, message_id=sent.message_id)
    await bot.edit_message_reply_markup(chat_id=CHAT, message_id=sent.message_id, reply_markup=buttons("y"))
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=CHAT, message_id=999)
    shown = await sim.last(person)
    assert (shown["text"], shown["edited"], shown["buttons"][0][0]["text"]) == ("екі", True, "y")
    hands.pass_seconds(49 * 3600)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(CHAT, sent.message_id)
    fresh = await bot.send_message(CHAT, "үш")
    await bot.delete_message(CHAT, fresh.message_id)
    assert (await sim.last(person))["deleted"]
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(CHAT, fresh.message_id)


async def test_a_persons_edit_is_told(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    said = await sim.post(f"/people/{person}/say", text="бір")
    await sim.post(f"/people/{person}/edit", message_id=said["message_id"], text="екі")
    _, update = await bot.get_updates()
    assert update.edited_message is not None
    assert update.edited_message.text == "екі"


async def test_files_come_and_go(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    for kind in ("photo", "video", "voice", "audio", "video_note", "document", "sticker"):
        await sim.post(f"/people/{person}/send", kind=kind)
    updates = await bot.get_updates()
    sizes = [update.message.content_type for update in updates if update.message]
    assert sizes == ["photo", "video", "voice", "audio", "video_note", "document", "sticker"]
    assert updates[0].message is not None
    assert updates[0].message.photo is not None
    file_id = updates[0].message.photo[-1].file_id
    file = await bot.get_file(file_id)
    assert file.file_path is not None
    content = await bot.download_file(file.file_path)
    assert content is not None
    assert content.read() == sample_picture("photo")
    resent = await bot.send_photo(CHAT, file_id, caption="аула")
    assert resent.photo is not None
    assert resent.photo[-1].file_id == file_id
    with pytest.raises(TelegramBadRequest, match="can't use file of type Photo as Document"):
        await bot.send_document(CHAT, file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_photo(CHAT, "nonsense")
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(CHAT, BufferedInputFile(b"MZ", "x.jpg"))


async def test_a_file_over_20_mb_cannot_be_had(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    await sim.post(f"/people/{person}/send", kind="video", size=21 * 1024 * 1024)
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.video is not None
    assert update.message.video.file_size == 21 * 1024 * 1024
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(update.message.video.file_id)


async def test_albums_copies_forwards_and_places(sim: Sim, bot: Bot, hands: Hands) -> None:
    person = await sim.resident()
    album = await bot.send_media_group(
        CHAT, [InputMediaPhoto(media=PICTURE), InputMediaPhoto(media=PICTURE, caption="2")]
    )
    assert album[0].media_group_id == album[1].media_group_id
    said = await sim.post(f"/people/{person}/say", text="көшеде", forward_from={"hidden_name": "Банк"})
    copy = await bot.copy_message(CHAT, CHAT, said["message_id"])
    forward = await bot.forward_message(CHAT, CHAT, said["message_id"])
    assert copy.message_id != forward.message_id
    assert forward.forward_origin is not None
    assert forward.forward_origin.type == "hidden_user"
    hands.pass_seconds(5)
    reply = ReplyParameters(message_id=said["message_id"])
    place = await bot.send_location(CHAT, 51.1, 71.4, reply_parameters=reply)
    assert place.reply_to_message is not None
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_contact(CHAT, "+77010000000", "Инспектор", reply_parameters=ReplyParameters(message_id=9999))
    assert await bot.send_chat_action(CHAT, "typing")


async def test_the_profile_by_language_and_scope(bot: Bot) -> None:
    kk, default = (
        [BotCommand(command="tip", description="Хабарлау")],
        [BotCommand(command="tip", description="Сообщить")],
    )
    scope = BotCommandScopeAllGroupChats()
    await bot.set_my_commands(default)
    await bot.set_my_commands(kk, language_code="kk")
    assert (await bot.get_my_commands(language_code="kk"))[0].description == "Хабарлау"
    assert (await bot.get_my_commands())[0].description == "Сообщить"
    assert await bot.get_my_commands(scope=scope) == []
    await bot.delete_my_commands(language_code="kk")
    assert await bot.get_my_commands(language_code="kk") == []
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Хабар", description="x")])
    await bot.set_my_name("Көрші", language_code="kk")
    assert (await bot.get_my_name(language_code="kk")).name == "Көрші"
    await bot.set_my_description("Полиция")
    assert (await bot.get_my_description(language_code="kk")).description == "Полиция"
    await bot.set_my_short_description("Қысқа", language_code="kk")
    assert (await bot.get_my_short_description()).short_description == ""
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_chat_menu_button()).type == "commands"
    none = {name: False for name, field in ChatAdministratorRights.model_fields.items() if field.is_required()}
    await bot.set_my_default_administrator_rights(ChatAdministratorRights(**none | {"can_delete_messages": True}))
    assert (await bot.get_my_default_administrator_rights()).can_delete_messages
    assert (await bot.me()).username == "korshi_bot"


async def test_privacy_mode_in_groups(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    group = await sim.group(person)
    posted = await bot.send_message(group, "Сәлем, көршілер")
    for text in ("жай әңгіме", "/tip", "/tip@korshi_bot", "/tip@other_bot", "@korshi_bot көмек"):
        await sim.post(f"/people/{person}/say", text=text, chat=group)
    await sim.post(f"/people/{person}/say", text="жауап", chat=group, reply_to=posted.message_id)
    heard = [u.message.text for u in await bot.get_updates() if u.message]
    assert heard == ["/tip", "/tip@korshi_bot", "@korshi_bot көмек", "жауап"]
    await sim.post(f"/groups/{group}/promote_bot", by=person)
    await sim.post(f"/people/{person}/say", text="енді естиді", chat=group)
    last = (await bot.get_updates())[-1].message
    assert last is not None
    assert last.text == "енді естиді"
    assert {m.status for m in await bot.get_chat_administrators(group)} == {"creator", "administrator"}
    assert (await bot.get_chat_member(group, CHAT)).status == "creator"
    assert (await bot.get_chat(group)).title == "Абай 12"


async def test_disguises_in_a_group(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    group = await sim.group(person)
    await sim.post(f"/people/{person}/say", text="/ban", chat=group, **{"as": "anonymous_admin"})
    await sim.post(f"/people/{person}/say", text="/ban", chat=group, **{"as": "channel"})
    admin, channel = [u.message for u in await bot.get_updates()]
    assert admin is not None
    assert admin.from_user is not None
    assert admin.sender_chat is not None
    assert (admin.from_user.id, admin.sender_chat.id) == (1087968824, group)
    assert channel is not None
    assert channel.sender_chat is not None
    assert channel.sender_chat.type == "channel"


async def test_a_group_becomes_a_supergroup(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    group = await sim.group(person, type="group", id=-4001)
    new = (await sim.post(f"/groups/{group}/migrate"))["id"]
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group, "x")
    assert moved.value.migrate_to_chat_id == new
    assert (await bot.send_message(new, "x")).chat.id == new
    there, back = [u.message for u in await bot.get_updates()]
    assert there is not None
    assert back is not None
    assert (there.migrate_to_chat_id, back.migrate_from_chat_id) == (new, group)
    assert [g["id"] for g in await sim.get("/groups")] == [new]


async def test_the_bot_comes_to_a_group_and_leaves(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    group = await sim.group(person, bot="none")
    with pytest.raises(TelegramForbiddenError, match="not a member"):
        await bot.send_message(group, "x")
    await sim.post(f"/groups/{group}/add_bot", by=person)
    first, second = await bot.get_updates()
    assert first.my_chat_member is not None
    assert first.my_chat_member.new_chat_member.status == "member"
    assert second.message is not None
    assert second.message.new_chat_members is not None
    await bot.send_message(group, "Сәлем")
    await bot.leave_chat(group)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(group, "x")


async def test_the_windows_of_telegram(sim: Sim, bot: Bot, hands: Hands) -> None:
    people = [await sim.resident(6000 + i) for i in range(12)]
    for i in range(30):
        await bot.send_message(6000 + i % 12, "x")
    with pytest.raises(TelegramRetryAfter) as held:
        await bot.send_message(6011, "x")
    assert held.value.retry_after == 1
    hands.pass_seconds(1)
    await bot.send_message(6011, "x")
    group = await sim.group(people[0])
    hands.pass_seconds(60)
    for _ in range(20):
        hands.pass_seconds(1)
        await bot.send_message(group, "x")
    with pytest.raises(TelegramRetryAfter) as held:
        await bot.send_message(group, "x")
    assert held.value.retry_after == 41
    stats = await sim.get("/stats")
    assert (stats["refused_429"], stats["violations"], stats["max_in_any_second"]) == (2, 2, 30)


async def test_one_chat_takes_a_burst_of_three(sim: Sim, bot: Bot, hands: Hands) -> None:
    await sim.resident()
    for _ in range(3):
        await bot.send_message(CHAT, "x")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(CHAT, "x")
    for _ in range(5):
        hands.pass_seconds(1)
        await bot.send_message(CHAT, "x")
    await sim.post("/limits", enforce=False)
    for _ in range(5):
        await bot.send_message(CHAT, "x")
    assert (await sim.get("/stats"))["violations"] == 3


async def test_ordered_faults(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()

    async def order(kind: str, **more: Any) -> None:
        await sim.post(
            "/faults", match={"method": "sendMessage", "chat_id": CHAT}, times=1, fault={"kind": kind, **more}
        )

    await order("429", retry_after=7)
    with pytest.raises(TelegramRetryAfter) as held:
        await bot.send_message(CHAT, "x")
    assert held.value.retry_after == 7
    for kind, error in (("403", TelegramForbiddenError), ("401", TelegramUnauthorizedError), ("500", TelegramAPIError)):
        await order(kind)
        with pytest.raises(error):
            await bot.send_message(CHAT, "x")
    await order("refuse")
    with pytest.raises(TelegramAPIError):
        await bot.send_message(CHAT, "never came")
    await order("lost_answer")
    with pytest.raises(TelegramAPIError):
        await bot.send_message(CHAT, "came")
    assert [m["text"] for m in await sim.messages(person)] == ["came"]
    await order("hang", seconds=0.01)
    await bot.send_message(CHAT, "late")
    assert await sim.get("/faults") == []
    await sim.post("/faults", match={"method": "sendMessage"}, fault={"kind": "500"})
    await sim.delete("/faults")
    await bot.send_message(CHAT, "x")


async def test_a_webhook_may_come_twice(sim: Sim, bot: Bot, ear: Ear) -> None:
    person = await sim.resident()
    await sim.post("/faults", match={"method": "webhook"}, times=1, fault={"kind": "double_callback"})
    await bot.set_webhook(ear.url + "/telegram/webhook")
    for word in ("бір", "екі"):
        await sim.post(f"/people/{person}/say", text=word)
    heard = await ear.wait(lambda one: one.path == "/telegram/webhook", 3)
    numbers = [json.loads(one.body)["update_id"] for one in heard]
    assert numbers == [numbers[0], numbers[0], numbers[0] + 1]


async def test_a_migration_on_order_is_real(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    group = await sim.group(person, type="group", id=-4001)
    await sim.post("/faults", match={"method": "sendMessage"}, times=1, fault={"kind": "migrate"})
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group, "x")
    await bot.send_message(moved.value.migrate_to_chat_id, "x")


async def test_a_token_is_checked(stand: Running) -> None:
    stand.world.settings.token = TOKEN
    async with aiohttp.ClientSession() as client:
        for token, status in ((TOKEN, 200), ("7000000123:" + "C" * 35, 401), ("nonsense", 401)):
            async with client.get(f"{stand.url}/bot{token}/getMe") as answer:
                assert answer.status == status


async def test_what_was_called_can_be_compared_with_the_specification(sim: Sim, bot: Bot) -> None:
    await sim.resident()
    await bot.send_message(CHAT, "x", disable_notification=True)
    with pytest.raises(TelegramAPIError, match="the stand-in does not know getUserProfilePhotos"):
        await bot.get_user_profile_photos(CHAT)
    assert (await sim.get("/methods"))["telegram"]["sendMessage"] == ["chat_id", "disable_notification", "text"]
    log = (await sim.get("/stats?log=1"))["log"]
    assert (log[0]["method"], log[0]["chat_id"], log[0]["status"]) == ("sendMessage", CHAT, 200)
