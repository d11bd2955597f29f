"""The whole talk about a tip, and notes of staff for staff: never sent to anybody."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import NotFound, TipAlreadyTaken
from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.acts import tips_choices
from bot.speech.calls import Past
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.forms import CardForm
from bot.speech.parts import added_part
from bot.speech.past import history_reply
from bot.speech.presses import StrayIn, officer_of
from bot.speech.work import afresh, leave, readable


def router() -> Router:
    router = Router(name="history")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.callback_query.register(press, Pressed("past"), Past.filter())
    router.message.register(note, StateFilter(CardForm.noting), StrayIn(CardForm))
    return router


async def press(_query: CallbackQuery, callback_data: Past, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer = officer_of(person)
    tip = await readable(unit, officer, callback_data.tip)
    if callback_data.do == "note":
        await afresh(state, CardForm.noting, tip.id)
        text = _("Write a note on tip No. {number} for your colleagues. The sender will not see it.", number=tip.number)
        return Reply(text, leave(tip.id), open=True)
    page = callback_data.page if callback_data.page >= 0 else None
    return history_reply(await unit.tips.history(officer, tip.id, page), unit.zone)


async def note(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Stays open: what follows belongs to the same note until the card is opened."""
    tip_id = (await state.get_data()).get("tip", 0)
    try:
        await unit.tips.note(officer_of(person), tip_id, added_part(message), person)
    except (NotFound, TipAlreadyTaken) as refusal:  # it changed hands meanwhile
        await afresh(state)
        return Reply(_(refusal.msgid, **refusal.facts), tips_choices())
    return Reply(_("The note is kept. Only those who work on the tip see it."), leave(tip_id), open=True, tag="note")
