"""Of two hundred handlers an update is asked of the few that can fit.

aiogram asks every filter of every router in turn; most of the answers are known from the update's sign alone. What they
are is computed once for each sign and remembered, so that the order of asking stays aiogram's and nothing is written
down twice: a handler is registered on its router as ever."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject
from aiogram.filters import Command, CommandStart, StateFilter
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.filters.logic import _InvertFilter
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.services.residents import Person
from bot.speech.calls import Opens
from bot.speech.filters import GROUPS, Pressed, Says
from bot.speech.signs import Sign
from bot.speech.typed import key_of

REMEMBERED = 8192  # signs: some hundred come up in a day, and a stored state may be anything

Line: TypeAlias = tuple[HandlerObject, list[FilterObject]]


class Switchboard(Router):
    """Its routers in their order, each under the gates of those above it. They may have no middlewares of their own."""

    def __init__(self, *routers: Router) -> None:
        super().__init__(name="switchboard")
        self.include_routers(*routers)
        self.fitting = lru_cache(maxsize=REMEMBERED)(self._fitting)

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        for handler in self.fitting(self.sign_of(update_type, event, kwargs)):
            is_its, facts = await handler.check(event, **kwargs)
            if not is_its:
                continue
            try:
                return await handler.call(event, **facts)
            except SkipHandler:
                continue
        return UNHANDLED

    def sign_of(self, kind: str, event: TelegramObject, facts: Mapping[str, Any]) -> Sign:
        person: Person | None = facts.get("person")
        officer = person.officer if person is not None else None
        is_newcomer = person is not None and officer is None and not (person.language and person.has_consent)
        text, command, word, chat, has_point = "", "", "", None, False
        if isinstance(event, Message):
            text, chat, has_point = event.text or "", event.chat, event.location is not None
            command = self._command_of(text or event.caption or "")
            word = self._named_or_nothing(key_of(text))
        elif isinstance(event, CallbackQuery):
            word = self._prefix_of(event.data or "")
            chat = event.message.chat if event.message is not None else None
        return Sign(
            kind,
            "" if not text else "command" if text.startswith("/") else "words",
            command,
            word,
            has_point,
            chat is not None and chat.type in GROUPS,
            facts.get("raw_state"),
            officer is not None,
            is_newcomer,
            person is not None and person.is_stopped,
        )

    def _command_of(self, text: str) -> str:
        first = text.split(maxsplit=1)[:1]
        command = first[0].partition("@")[0] if first else ""
        return self._named_or_nothing(command) if command.startswith("/") else ""

    def _named_or_nothing(self, word: str) -> str:
        """Texts that no filter names are all alike."""
        return word if word in self.named else ""

    def _prefix_of(self, press: str) -> str:
        head, _, rest = press.partition(":")
        longer = f"{head}:{rest.partition(':')[0]}"
        return longer if longer in self.named else self._named_or_nothing(head)

    def _fitting(self, sign: Sign) -> tuple[HandlerObject, ...]:
        """Those whose filters do not refuse this sign, each with the filters that must still be asked."""
        found = []
        for handler, filters in _lines(self, sign.kind):
            answers = [_foreseen(one.callback, sign) for one in filters]
            if False not in answers:
                handler = copy(handler)
                handler.filters = [one for one, answer in zip(filters, answers, strict=True) if answer is None]
                found.append(handler)
        return tuple(found)

    @cached_property
    def named(self) -> frozenset[str]:
        """Every command, word and prefix that a filter asks for."""
        lines = [line for kind in self.observers for line in _lines(self, kind)]
        return frozenset(word for _handler, filters in lines for one in filters for word in _words_of(one.callback))


def _lines(router: Router, kind: str, gates: tuple[FilterObject, ...] = ()) -> Iterator[Line]:
    """In aiogram's order of asking: a router's own handlers, then its routers."""
    observer = router.observers.get(kind)
    if observer is not None:
        if len(observer.middleware) or len(observer.outer_middleware):
            raise TypeError(f"{router}: a router under a switchboard has no middlewares")
        gates = (*gates, *(observer._handler.filters or ()))  # aiogram has no other way to what `filter()` was given
        for handler in observer.handlers:
            yield handler, [*gates, *(handler.filters or ())]
    for below in router.sub_routers:
        yield from _lines(below, kind, gates)


def _foreseen(asked: Any, sign: Sign) -> bool | None:
    own = vars(type(asked)).get("foresees") or _THEIRS.get(type(asked))
    return None if own is None else own(asked, sign)


def _of_not(asked: _InvertFilter, sign: Sign) -> bool | None:
    answer = _foreseen(asked.target.callback, sign)
    return None if answer is None else not answer


def _of_command(asked: Command, sign: Sign) -> bool | None:
    is_plain = not asked.ignore_case and all(isinstance(command, str) for command in asked.commands)
    return None if not is_plain or sign.command in _words_of(asked) else False


def _of_state(asked: StateFilter, sign: Sign) -> bool | None:
    states = [one.state if isinstance(one, State) else one for one in asked.states]
    if not all(one is None or (isinstance(one, str) and one != "*") for one in states):
        return None
    return sign.state in states


def _of_press(asked: CallbackQueryFilter, sign: Sign) -> bool | None:
    return None if sign.word.partition(":")[0] == asked.callback_data.__prefix__ else False


_THEIRS: dict[type, Callable[[Any, Sign], bool | None]] = {
    _InvertFilter: _of_not,
    Command: _of_command,
    CommandStart: _of_command,
    StateFilter: _of_state,
    CallbackQueryFilter: _of_press,
}


def _words_of(asked: Any) -> list[str]:
    match asked:
        case _InvertFilter():
            return _words_of(asked.target.callback)
        case Command():
            return [f"/{command}" for command in asked.commands]
        case Says():
            return list(asked.words)
        case Pressed():
            return [prefix.removesuffix(":") for prefix in asked.prefixes]
        case Opens():
            return list(asked.data)
        case CallbackQueryFilter():
            return [asked.callback_data.__prefix__]
    return []
