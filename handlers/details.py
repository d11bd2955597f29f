"""Details nobody has to give, and the look at a tip as its inspector will see it."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.calls import Report
from bot.speech.cautions import DANGER
from bot.speech.check import ask_check, ask_damage, ask_details, preview, set_detail
from bot.speech.filters import HasText, Pressed
from bot.speech.forms import TipForm
from bot.speech.presses import before, stale
from bot.speech.report import question
from bot.speech.sums import tenge_in
from bot.suggest import urgency_of
from bot.terms import Urgency

STEPS = ("details", "detail", "preview", "back")
HERE = (TipForm.check.state, TipForm.damage.state)


def router() -> Router:
    router = Router(name="details")
    router.message.register(tell_damage, StateFilter(TipForm.damage), HasText())
    router.callback_query.register(press, Pressed(*(f"rep:{step}" for step in STEPS)), Report.filter())
    return router


async def press(
    _query: CallbackQuery, callback_data: Report, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    if raw_state not in HERE:
        return stale(person, await question(state, unit, raw_state))
    match callback_data.step:
        case "back":
            return await ask_check(state, unit, replaces=True)
        case "preview":
            return await preview(state, unit, person.name)
        case "details":
            return await ask_details(state)
    if callback_data.code == "damage":
        return await ask_damage(state)
    if not await set_detail(state, callback_data.code):
        return stale(person, await question(state, unit, raw_state))
    form = await state.get_data()
    is_now = callback_data.code == "now" and form.get("details", {}).get("when") == "now"
    if is_now and urgency_of(form["category"], is_now=True) is Urgency.U0:
        numbers = _(DANGER)
        return await ask_details(state, numbers)
    return await ask_details(state)


async def tell_damage(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    damage = tenge_in(text)
    if damage is None:
        return await ask_damage(state, _("This is not a sum."))
    form = await state.get_data()
    await state.update_data(details={**form.get("details", {}), "damage": damage})
    return before(_("It is written down."), await ask_check(state, unit))
