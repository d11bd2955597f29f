"""Somebody in a group asked to pass on this person's words: they become his own tip, or are forgotten."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Open, Quoted
from bot.speech.filters import Pressed
from bot.speech.parts import Part
from bot.speech.report import ask_first, busy
from bot.terms import PartKind


def router() -> Router:
    router = Router(name="quotes")
    router.callback_query.register(press, Pressed("quo"), Quoted.filter())
    return router


async def press(_query: CallbackQuery, callback_data: Quoted, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Who asked is told nothing, whatever is pressed."""
    if callback_data.do != "yes":
        await unit.quotes.refuse(person, callback_data.id)
        text = _("Your words stay in the group and are forgotten here. Nobody is told that you were asked.")
        return Reply(text, [[choose("Menu", Open(what="menu"))]], replaces=True)
    occupied = await busy(person, state, unit)
    if occupied is not None:
        return occupied
    quote = await unit.quotes.take(person, callback_data.id)
    await state.clear()
    chat = await unit.chats.get(quote.chat_id)
    await state.update_data(parts=[Part(PartKind.TEXT, quote.words).as_form()])
    if chat is not None and chat.precinct_id is not None:
        await state.update_data(yard=chat.id, yard_name=chat.place or chat.title)
    return await ask_first(state, unit)
