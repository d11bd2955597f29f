"""The menu, cancelling, stopping everything."""

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Open as Opening
from bot.speech.calls import Opens
from bot.speech.filters import Says
from bot.speech.forms import MineForm, TipForm
from bot.speech.menu import BACK_WORDS, CANCEL_WORDS, MENU_WORDS, SKIP_WORDS, STOP_WORDS, menu_reply
from bot.terms import Lane, Messenger, NoticeKind, StateType

DRAFT = {state.state for state in TipForm.__all_states__}


def router() -> Router:
    router = Router(name="menu")
    router.message.register(menu, Command("menu"))
    router.message.register(menu, Says(*MENU_WORDS))
    router.message.register(cancel, Command("cancel"))
    router.message.register(cancel, Says(*CANCEL_WORDS), ~StateFilter(None))
    router.message.register(nothing_to_leave, StateFilter(None), Says(*CANCEL_WORDS, *SKIP_WORDS, *BACK_WORDS))
    router.message.register(ask_stop, Command("stop"))
    router.message.register(ask_stop, Says(*STOP_WORDS))
    router.message.register(repeat_stop, StateFilter(MineForm.stopping))
    router.callback_query.register(press_menu, Opens("menu"))
    router.callback_query.register(stop, Opens("stop"))
    return router


async def menu(_message: Message, person: Person, state: FSMContext, raw_state: str | None) -> Reply:
    return await leave(person, state, raw_state)


async def press_menu(_query: CallbackQuery, person: Person, state: FSMContext, raw_state: str | None) -> Reply:
    return await leave(person, state, raw_state)


async def cancel(_message: Message, person: Person, state: FSMContext, raw_state: str | None) -> Reply:
    return await leave(person, state, raw_state, _("Cancelled.") if raw_state else "")


async def nothing_to_leave(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Typed when its question is over: no word of a tip, unless an inspector waits for an answer."""
    tip = await unit.tips.open_of(person)
    if tip is not None and tip.state_type is StateType.WAITING:
        raise SkipHandler
    return await leave(person, state, None)


async def leave(person: Person, state: FSMContext, raw_state: str | None, text: str = "") -> Reply:
    """The open dialog ends; a tip that was being written is not dropped without a word."""
    form = await state.get_data()
    if raw_state in DRAFT and form.get("parts") and not form.get("danger_tip"):
        text = _("The tip was not sent, the draft is deleted.")
    await state.clear()
    return menu_reply(person, text)


async def ask_stop(
    _message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """Telegram asks once more, and the word answers it too. On WhatsApp STOP is a word of the law: it holds at once."""
    if person.messenger is Messenger.WHATSAPP or raw_state == MineForm.stopping.state:
        await stop_all(unit, person, state)
        return None
    await state.clear()
    await state.set_state(MineForm.stopping)
    return stop_question()


def stop_question() -> Reply:
    text = _(
        "Stop everything? Neither warnings nor answers will reach you, and the link with your open tips will be broken."
        " This cannot be undone."
    )
    return Reply(text, [[choose("Stop", Opening(what="stop")), choose("Back", Opening(what="menu"))]])


async def repeat_stop(_message: Message) -> Reply:
    return stop_question()


async def stop(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    if raw_state != MineForm.stopping.state:
        await state.clear()
        await state.set_state(MineForm.stopping)
        return stop_question()
    await stop_all(unit, person, state)
    return None


async def stop_all(unit: Unit, person: Person, state: FSMContext) -> None:
    await state.clear()
    await unit.residents.stop(person)
    await unit.subscriptions.unsubscribe_all(person.id)
    await unit.tips.cut_all(person)
    await unit.notices.promise(Promise(NoticeKind.STOPPED, Recipient(resident_id=person.id), Lane.REPLY))
