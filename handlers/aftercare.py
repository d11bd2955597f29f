"""After a tip is closed: is it solved, did it come back, how good was the answer, and a free word about it."""

from typing import Any

from aiogram import Router
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import money_gone_in
from bot.i18n import _
from bot.services.residents import Person
from bot.services.tips import TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose
from bot.speech.asks import rate_words, rating_choices, reopened_words
from bot.speech.calls import After, Mine, Open
from bot.speech.filters import HasText, Pressed
from bot.speech.forms import MineForm
from bot.speech.parts import part_of
from bot.speech.report import busy

COMMENT_SECONDS = 600.0  # after a rating the next words are about it; later ones are about something else


def router() -> Router:
    router = Router(name="aftercare")
    router.callback_query.register(rate, Pressed("mine"), Does("rate"), Mine.filter())
    router.callback_query.register(press_reopen, Pressed("mine"), Does("reopen"), Mine.filter())
    router.callback_query.register(press, Pressed("after"), After.filter())
    router.message.register(comment, StateFilter(None), HasText(), IsAboutRating())
    return router


class Does(Filter):
    """A press with this `do`."""

    def __init__(self, do: str) -> None:
        self.do = do

    async def __call__(self, query: CallbackQuery) -> bool:
        return (query.data or "").split(":")[1:2] == [self.do]


class IsAboutRating(Filter):
    """The first words after a rating, while it is fresh; money that has gone is never a remark."""

    async def __call__(self, message: Message, state: FSMContext) -> bool | dict[str, Any]:
        form = await state.get_data()
        is_fresh = message.date.timestamp() - (form.get("rated_at") or 0.0) <= COMMENT_SECONDS
        if not is_fresh or money_gone_in(message.text or ""):
            return False
        return {"rated": form.get("rated", 0)}


def menu_choice() -> Choice:
    return choose("Menu", Open(what="menu"))


async def press(_query: CallbackQuery, callback_data: After, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """`solved` and `stays` confirm; `unsolved` and `back` open the tip again."""
    if callback_data.do in ("unsolved", "back"):
        return await busy(person, state, unit) or await reopen(unit, person, state, callback_data.tip)
    tip = await unit.tips.confirm(person, callback_data.tip)
    thanks = _("Thank you, it matters to us to know this.")
    if tip.rating is not None or tip.category.is_discreet or callback_data.do == "stays":
        return Reply(thanks, [[menu_choice()]], replaces=True)
    return Reply(f"{thanks}\n\n{rate_words()}", rating_choices(tip), replaces=True, open=True)


async def rate(_query: CallbackQuery, callback_data: Mine, unit: Unit, person: Person, state: FSMContext) -> Reply:
    tip = await unit.tips.rate(person, callback_data.tip, callback_data.rating)
    if await state.get_state() is None:
        await state.update_data(rated=tip.id, rated_at=unit.clock.now().timestamp())
        return rated(tip, _("Thank you! Your rating is saved. If you like, add a couple of words."))
    return rated(tip, _("Thank you! Your rating is saved."))


def rated(tip: TipView, text: str) -> Reply:
    """Few stars mean that it is not over: the way to open it again stays at hand."""
    if tip.state == "confirmed":
        return Reply(text, [[menu_choice()]], open=True)
    again = _("If the matter is not solved, choose “Not solved”: the tip will be opened again.")
    choices = [[choose("Not solved", Mine(do="reopen", tip=tip.id)), menu_choice()]]
    return Reply(f"{text}\n\n{again}", choices, open=True)


async def comment(message: Message, rated: int, unit: Unit, person: Person, state: FSMContext) -> Reply:
    await unit.tips.comment(person, rated, part_of(message).as_draft())
    await state.update_data(rated=None, rated_at=None)
    return Reply(_("Thank you, your words are passed on."), [[menu_choice()]])


async def press_reopen(
    _query: CallbackQuery, callback_data: Mine, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    return await busy(person, state, unit) or await reopen(unit, person, state, callback_data.tip)


async def reopen(unit: Unit, person: Person, state: FSMContext, tip_id: int) -> Reply:
    tip = await unit.tips.reopen(person, tip_id)
    await state.clear()
    await state.set_state(MineForm.adding)
    await state.update_data(tip=tip.id)
    return Reply(reopened_words(tip, unit.zone), [[menu_choice()]], open=True)
