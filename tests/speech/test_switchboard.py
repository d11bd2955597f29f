"""The short way to a handler is the long one: whatever aiogram's own walk would choose, and asked of far fewer."""

import inspect
import random
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram import BaseMiddleware, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import StatesGroup
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Update

import handlers
from bot.i18n import Bilingual
from bot.memory import TurnMemory
from bot.services.officers import DutyView, OfficerView
from bot.services.residents import Person
from bot.services.talks import TalkView
from bot.speech import forms
from bot.speech.filters import HasText, InGroup, NoCommand
from bot.speech.switchboard import Switchboard
from bot.terms import Language, Messenger, Role

_ids = count(1)
STATES = [None, "No:such"] + [
    str(state.state)
    for _name, form in inspect.getmembers(forms, lambda one: inspect.isclass(one) and issubclass(one, StatesGroup))
    for state in form.__all_states__
]
TEXTS = [
    "Музыка после полуночи", "Помогите, меня бьёт муж прямо сейчас", "12", " /tip", "/tip да", "/Tip", "/tip@korshi_bot",
    "/tip@other_bot", "start p_A1", "START!", "Меню.", " стоп ", "/stop", "/stop сейчас", "/stop!", "/нет", "/", "   ",
    "Тоқта, ұры!", "@korshi_bot помоги", "С моей карты только что сняли деньги, я назвал код",
]  # fmt: skip
CONTENTS: list[dict[str, Any]] = [
    {"location": {"latitude": 49.8, "longitude": 73.1}},
    {"location": {"latitude": 49.8, "longitude": 73.1}, "text": "Осында"},
    {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
    {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], "caption": "/tip"},
    {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], "caption": "стоп"},
    {"contact": {"phone_number": "1", "first_name": "x"}},
    {"dice": {"emoji": "🎲", "value": 3}},
]
PRESSES = ["", "rep", "rep:", "rep:done", "rep:done:", "rep:done:x", "rep:send:", "rep:other:1", "open", "open:menu",
           "open:menu:x", "number:", "no:such:button", "mine:rate:5:1", "card:list::", ":"]  # fmt: skip


def person(**facts: Any) -> Person:
    known = {"id": 1, "messenger": Messenger.TELEGRAM, "language": Language.RU, "has_consent": True,
             "is_blocked": False, "is_stopped": False, "officer": None} | facts  # fmt: skip
    return Person(**{name: known.get(name) for name in Person.__dataclass_fields__})


def officer(role: Role) -> OfficerView:
    words = Bilingual("…", "…")
    return OfficerView(7, "07", words, words, "", words, words, 1, (DutyView(role, None, None),))


PERSONS = [
    None,
    *[person()] * 6,
    *[person(officer=officer(Role.ADMIN))] * 6,
    person(language=None),
    person(has_consent=False),
    person(is_stopped=True),
    person(officer=officer(Role.INSPECTOR)),
    person(officer=officer(Role.ADMIN), is_stopped=True),
    person(officer=officer(Role.HEAD), language=None),
]


def message(group: bool, content: dict[str, Any]) -> dict[str, Any]:
    who = {"id": 5, "is_bot": False, "first_name": "Сана"}
    chat = {"id": -100, "type": "supergroup", "title": "Көршілер"} if group else {"id": 5, "type": "private"}
    return {"message_id": 5, "date": 1_800_000_000, "chat": chat, "from": who, **content}


def update_of(dice: random.Random, words: list[str], presses: list[str]) -> Update:
    group = dice.random() < 0.2
    content = dice.choice([{"text": dice.choice(words)}, {"text": dice.choice(words)}, dice.choice(CONTENTS)])
    match dice.choice(["message", "message", "callback_query", "callback_query", "edited_message", "my_chat_member"]):
        case "callback_query":
            shown = {"message": message(group, {"text": "…"})} if dice.random() < 0.95 else {}
            query = {"id": "1", "from": message(group, {})["from"], "chat_instance": "1"}
            inner: dict[str, Any] = {"callback_query": query | shown | {"data": dice.choice(presses)}}
        case "my_chat_member":
            me = {"user": {"id": 9, "is_bot": True, "first_name": "Korshi"}, "status": "member"}
            change = {"date": 1, "old_chat_member": me, "new_chat_member": me}
            inner = {"my_chat_member": {key: message(True, {})[key] for key in ("chat", "from")} | change}
        case "edited_message":
            inner = {"edited_message": message(group, content | {"edit_date": 1_800_000_001})}
        case _:
            inner = {"message": message(group, content)}
    return Update.model_validate({"update_id": next(_ids), **inner})


def facts_of(dice: random.Random, state: str | None) -> dict[str, Any]:
    async def nobody(_person: Person) -> None:
        return None

    async def me() -> Any:
        return SimpleNamespace(username="korshi_bot")

    talk = TalkView(state)
    return {
        "person": dice.choice(PERSONS),
        "raw_state": state,
        "state": FSMContext(storage=TurnMemory(talk), key=StorageKey(bot_id=1, chat_id=0, user_id=0)),
        "unit": SimpleNamespace(tips=SimpleNamespace(open_of=nobody)),
        "channel": SimpleNamespace(username="korshi_bot", messenger=Messenger.TELEGRAM),
        "bot": SimpleNamespace(me=me),
    }


def routers(router: Router) -> Iterator[Router]:
    yield router
    for below in router.sub_routers:
        yield from routers(below)


def board_of_numbers(dice: random.Random) -> Switchboard:
    """The product's tree; each handler answers with its number, and some pass the update on as some of them may."""
    (board,) = handlers.routers()
    assert isinstance(board, Switchboard)
    for router in routers(board):
        for observer in router.observers.values():
            for handler in observer.handlers:
                handler.callback = _answer(next(_ids), skips=dice.random() < 0.1)
                handler.params, handler.varkw, handler.awaitable = set(), False, True
    return board


def _answer(number: int, skips: bool) -> Any:
    async def answer(*_arguments: Any) -> int:
        if skips:
            raise SkipHandler
        return number

    return answer


@pytest.mark.parametrize("seed", range(2))
async def test_the_short_way_chooses_whom_the_long_one_chooses(seed: int) -> None:
    dice = random.Random(seed)
    board = board_of_numbers(dice)
    named = sorted(board.named)
    words = [*TEXTS, *named, *(f"{word} 5" for word in named)]
    presses = [*PRESSES, *named, *(f"{word}:x" for word in named), *(f"{word}:1:2:3" for word in named)]
    taken = set()
    for state in [*STATES * 5, *[None] * 120]:
        update, facts = update_of(dice, words, presses), facts_of(dice, state)
        long = await Router.propagate_event(board, update.event_type, update.event, **facts)
        short = await board.propagate_event(update.event_type, update.event, **facts)
        assert short == long, f"{update.event!r} {state} {facts['person']}"
        taken.add(long)
    assert len(taken) > 30  # the tree was walked, not one branch of it


@pytest.mark.parametrize(
    ("state", "inner", "most"),
    [
        (None, {"text": "/tip"}, 6),
        (None, {"text": "Сәлеметсіз бе"}, 14),
        ("TipForm:story", {"text": "Музыка после полуночи"}, 6),
        ("TipForm:place", {"location": {"latitude": 49.8, "longitude": 73.1}}, 6),
        ("TipForm:check", {"data": "rep:send:"}, 4),
    ],
)
async def test_few_filters_are_asked(state: str | None, inner: dict[str, Any], most: int) -> None:
    (board,) = handlers.routers()
    assert isinstance(board, Switchboard)
    kind = "callback_query" if "data" in inner else "message"
    query = {"id": "1", "from": message(False, {})["from"], "chat_instance": "1", "message": message(False, {})}
    content = query | inner if kind == "callback_query" else message(False, inner)
    update = Update.model_validate({"update_id": 1, kind: content})
    sign = board.sign_of(kind, update.event, {"person": person(), "raw_state": state})
    fitting = board.fitting(sign)
    assert fitting
    assert sum(len(handler.filters or ()) for handler in fitting) <= most


def test_texts_that_no_filter_names_are_one_sign() -> None:
    """What is remembered cannot be filled up by whoever writes."""
    (board,) = handlers.routers()
    assert isinstance(board, Switchboard)
    signs = set()
    for text in ("Бір", "Екі", "үш /tip", "Сто"):
        event = Update.model_validate({"update_id": 1, "message": message(False, {"text": text})}).event
        signs.add(board.sign_of("message", event, {"person": person(), "raw_state": None}))
    assert len(signs) == 1


def test_a_subclass_is_not_foreseen_by_its_base() -> None:
    class HasLongText(NoCommand):
        async def __call__(self, _message: Any) -> bool:
            return False

    router = Router()
    router.message.register(lambda: None, HasLongText())
    board = Switchboard(router)
    event = Update.model_validate({"update_id": 1, "message": message(False, {"text": "Бір"})}).event
    (handler,) = board.fitting(board.sign_of("message", event, {}))
    assert [type(one.callback) for one in handler.filters or ()] == [HasLongText]


async def test_a_gate_above_holds_for_all_below() -> None:
    async def heard(_message: Any, text: str) -> str:
        return text

    below, above = Router(), Router()
    below.message.register(heard, HasText())
    above.message.filter(~InGroup())
    above.include_router(below)
    board = Switchboard(above)
    for group, wanted in ((False, True), (True, False)):
        event = Update.model_validate({"update_id": 1, "message": message(group, {"text": "Бір"})}).event
        assert (await board.propagate_event("message", event) == "Бір") is wanted


async def test_a_middleware_under_it_is_refused() -> None:
    """It would be passed by in silence."""

    class Passes(BaseMiddleware):
        async def __call__(self, handler: Any, event: Any, data: Any) -> Any:
            return await handler(event, data)

    router = Router()
    router.message.middleware(Passes())
    event = Update.model_validate({"update_id": 1, "message": message(False, {"text": "Бір"})}).event
    with pytest.raises(TypeError):
        await Switchboard(router).propagate_event("message", event)
