"""Why did this person (not) get it? Asked by staff about one number or account, which is forgotten with the answer."""

import phonenumbers
from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, MessageOriginUser

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import WarningView
from bot.speech import Reply, choose
from bot.speech.calls import Warn
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.forms import WatchForm
from bot.speech.presses import StrayIn, before, officer_of
from bot.speech.progress import TRACERS
from bot.speech.traces import trace_reply
from bot.terms import Messenger

REGION = "KZ"
LONGEST = 40  # characters: more is no number


def router() -> Router:
    """Stands before the dialog that writes warnings."""
    router = Router(name="tracing")
    staff = IsOfficer(*TRACERS)
    router.callback_query.register(begin, Pressed("warn"), staff, Warn.filter(F.do == "why"))
    router.message.register(tell_whom, staff, StateFilter(WatchForm.whom), StrayIn(WatchForm))
    return router


async def begin(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext) -> Reply:
    warning = await unit.warnings.watched(officer_of(person), callback_data.id)
    await state.clear()
    await state.set_state(WatchForm.whom)
    await state.update_data(id=warning.id)
    return ask(warning)


def ask(warning: WarningView) -> Reply:
    text = _(
        "Whom is it about? Write the person's WhatsApp number or Telegram id, or pass on their contact or any message"
        " of theirs. It is not kept; that you have looked is written down."
    )
    return Reply(text, [[choose("Back to the warning", Warn(do="show", id=warning.id))]], open=True)


async def tell_whom(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer = officer_of(person)
    warning = await unit.warnings.watched(officer, (await state.get_data())["id"])
    places = places_of(message)
    if not places:
        return before(refusal_of(message), ask(warning))
    await state.clear()
    for messenger, address in places:
        trace = await unit.warnings.trace(officer, warning.id, messenger, address)
        if trace.is_known:
            break
    return trace_reply(warning, trace, unit.zone)


def places_of(message: Message) -> list[tuple[Messenger, str]]:
    """Where the person may be known, the likeliest first. A message passed on speaks of its author alone."""
    if message.forward_origin is not None:
        origin = message.forward_origin
        return [(Messenger.TELEGRAM, str(origin.sender_user.id))] if isinstance(origin, MessageOriginUser) else []
    if message.contact is not None:
        account = [(Messenger.TELEGRAM, str(message.contact.user_id))] if message.contact.user_id else []
        return account + _by_phone(message.contact.phone_number)
    text = (message.text or "").strip()
    digits = "".join(letter for letter in text if letter.isdecimal())
    if not digits or len(text) > LONGEST or any(letter.isalpha() for letter in text):
        return []
    phone = _by_phone(text)
    account = [] if text.startswith("+") else [(Messenger.TELEGRAM, digits)]
    is_phone = text.startswith("+") or (len(digits) == 11 and digits[0] in "78")
    return phone + account if is_phone else account + phone


def _by_phone(text: str) -> list[tuple[Messenger, str]]:
    try:
        number = phonenumbers.parse(text if text.startswith(("+", "8")) else f"+{text}", REGION)
    except phonenumbers.NumberParseException:
        return []
    if not phonenumbers.is_possible_number(number):
        return []
    return [(Messenger.WHATSAPP, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))]


def refusal_of(message: Message) -> str:
    if message.forward_origin is not None:
        return _("The messenger does not tell whose message this is. Write the number or send the contact.")
    return _("This is no number, contact or message of a person.")
