"""Frequent questions: a list, an answer, and the way on to a tip."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.faq import Asked, entry, faq_answer, faq_list
from bot.speech.filters import Pressed
from bot.speech.forms import TipForm
from bot.speech.menu import menu_reply
from bot.speech.presses import stale
from bot.speech.report import ask_first


def router() -> Router:
    router = Router(name="faq")
    router.message.register(list_message, Command("faq"))
    router.callback_query.register(press, Pressed("faq"), Asked.filter())
    return router


async def list_message(_message: Message) -> Reply:
    return faq_list()


async def press(
    _query: CallbackQuery, callback_data: Asked, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    do, code = callback_data.do, callback_data.code
    if do == "show":
        return faq_answer(code) if entry(code) is not None else faq_list()
    if do == "list":
        return faq_list(int(code) if code.isascii() and code.isdecimal() and len(code) < 4 else 0)
    if raw_state != TipForm.category.state:
        return stale(person)
    if do == "tip":
        return await ask_first(state, unit)
    await state.clear()  # the question was answered: its words are not kept
    return menu_reply(person, _("Good. If you need something else, choose it here."))
