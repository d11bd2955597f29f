"""Money has just gone: after the bank and 102 the questions, one at a time, each may be skipped."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.tips.evidence import LONGEST
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.calls import Report
from bot.speech.filters import HasText, Pressed, Says
from bot.speech.forms import TipForm
from bot.speech.menu import SKIP_WORDS
from bot.speech.money import answer_money
from bot.speech.presses import before, stale
from bot.speech.report import ask_money, ask_next, question
from bot.speech.sums import tenge_in


def router() -> Router:
    router = Router(name="money")
    router.message.register(skip_typed, StateFilter(TipForm.money), Says(*SKIP_WORDS))
    router.message.register(tell, StateFilter(TipForm.money), HasText())
    router.callback_query.register(skip, Pressed("rep:money"), Report.filter())
    return router


async def tell(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    """Taken as it is written: what is an account and what a link is for CyberPol to see."""
    form = await state.get_data()
    if form.get("money_at", 0) == 1 and (damage := tenge_in(text)) is not None:
        await state.update_data(details={**form.get("details", {}), "damage": damage})
    await answer_money(state, text[:LONGEST])
    asked = await ask_next(state, unit)
    return before(_("It is written down."), asked)


async def skip_typed(_message: Message, unit: Unit, state: FSMContext) -> Reply:
    return await ask_next(state, unit) if await answer_money(state) else await ask_money(state)


async def skip(
    _query: CallbackQuery, callback_data: Report, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    if raw_state != TipForm.money.state:
        return stale(person, await question(state, unit, raw_state))
    if callback_data.code == "all":
        await state.update_data(has_money=True)
        return await ask_next(state, unit)
    return await ask_next(state, unit) if await answer_money(state) else await ask_money(state)
