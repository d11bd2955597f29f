"""A tip goes on from another phone or the other messenger: by its number and the secret code."""

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _, clock
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Mine, Open, Opens
from bot.speech.filters import HasText, Says
from bot.speech.menu import WORDS_OF_COMMAND
from bot.speech.receipts import ReceiptForm, number_and_code
from bot.speech.report import busy


def router() -> Router:
    router = Router(name="receipt")
    router.message.register(ask, Command("receipt"))
    router.callback_query.register(press, Opens("receipt"))
    here = StateFilter(ReceiptForm.asking)
    router.message.register(tell, here, HasText(), ~Says(*WORDS_OF_COMMAND))
    router.message.register(again, here, ~HasText())
    return router


async def ask(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await question(state)


async def press(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await question(state)


async def question(state: FSMContext, words: str = "") -> Reply:
    await state.clear()
    await state.set_state(ReceiptForm.asking)
    text = _("Write the number of the tip and its secret code of 12 digits. For example: {example}",
             example="1001 123 456 789 012")  # fmt: skip
    return Reply("\n".join(filter(None, (words, text))), [[choose("Menu", Open(what="menu"))]], open=True)


async def again(message: Message, state: FSMContext) -> Reply | None:
    return None if (message.text or "").startswith("/") else await question(state)


async def tell(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """A refusal is an answer, not an error: what was counted must be kept."""
    said = number_and_code(text)
    if said is None:
        return await question(state, _("This is not a number and a code of 12 digits."))
    result = await unit.tips.continue_tip(person, *said)
    if result.locked_until is not None:
        await state.clear()
        until = clock(result.locked_until.astimezone(unit.zone))
        words = _("Too many wrong codes. Try again after {time}.", time=until)
        return Reply(words, [[choose("Menu", Open(what="menu"))]])
    if result.tip is None:
        return await question(state, _("Number and code do not belong together."))
    await state.clear()
    words = _(
        "Tip No. {number} goes on here: answers will come to this chat. Status: {status}.",
        number=result.tip.number,
        status=result.tip.state_name,
    )
    show = choose("Open the tip", Mine(do="show", tip=result.tip.id))
    return Reply(words, [[show, choose("Menu", Open(what="menu"))]])
