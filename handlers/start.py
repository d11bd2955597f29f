"""The first meeting: language and consent in plain words. Deep links from posters and invitations."""

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart, Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.errors import N_
from bot.i18n import _, set_language
from bot.services.chats import ChatView
from bot.services.officers import OfficerView
from bot.services.residents import CONSENT_VERSION, Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, both, choose
from bot.speech.calls import Consent, Open, Opens, PickLanguage, Report
from bot.speech.early import heard_early
from bot.speech.filters import HasText, Pressed, Says
from bot.speech.forms import StartForm, TipForm
from bot.speech.groups import GROUP
from bot.speech.home import ask_home, settle
from bot.speech.menu import START_WORDS, STOP_WORDS, menu_reply
from bot.speech.precinct import ask_precinct, precinct_card
from bot.speech.presses import before
from bot.speech.report import ask_tile
from bot.speech.signs import Sign
from bot.terms import Language

STOPS = Says(*STOP_WORDS)
PRECINCT, INVITATION, TIP, INSPECTOR = "p_", "i_", "tip", "inspector"
TIP_FORM = {state.state for state in TipForm.__all_states__}


def router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart())
    router.message.register(start_typed, Says(*START_WORDS))
    router.message.register(start_linked, StartsTyped())
    router.callback_query.register(press_start, Opens("start"))
    router.message.register(say_stopped, IsStopped())
    router.callback_query.register(press_stopped, IsStopped())
    router.message.register(ask_language, Command("language", "lang"))
    router.message.register(ask_language, StateFilter(StartForm.language), ~STOPS)
    router.message.register(remind_consent, StateFilter(StartForm.consent), ~STOPS)
    gate = Pressed("lang", "consent", "open")
    router.callback_query.register(pick_language, gate, PickLanguage.filter())
    router.callback_query.register(press_language, gate, Opens("language"))
    router.callback_query.register(consent, gate, Consent.filter())
    router.message.register(first_meeting, IsNewcomer())
    router.callback_query.register(press_first_meeting, IsNewcomer())
    return router


class IsNewcomer(Filter):
    """Language or consent is missing: whatever is said, the missing question comes first. STOP is heard always."""

    async def __call__(self, event: TelegramObject, person: Person | None = None) -> bool:
        if person is None or person.officer is not None or (person.language and person.has_consent):
            return False
        return not await _is_stop(event)

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.is_newcomer else False


class IsStopped(Filter):
    """Everything was stopped: nothing is begun by chance, only by START."""

    async def __call__(self, event: TelegramObject, person: Person | None = None) -> bool:
        return person is not None and person.is_stopped and not await _is_stop(event)

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.is_stopped else False


async def _is_stop(event: TelegramObject) -> bool:
    if isinstance(event, CallbackQuery):
        return await Opens("stop")(event)
    return isinstance(event, Message) and await STOPS(event)


async def say_stopped(_message: Message, person: Person) -> Reply:
    return stopped_words(person)


async def press_stopped(_query: CallbackQuery, person: Person) -> Reply:
    return stopped_words(person)


def stopped_words(person: Person) -> Reply:
    """The only words a stopped person gets: how to begin again."""
    msgid = N_("Stopped. We will not write to you any more. To begin again, write START. If there is danger, call 102.")
    is_bilingual = person.language is None
    text = both(msgid) if is_bilingual else _(msgid)
    return Reply(text, [[choose("Begin", Open(what="start"))]], is_bilingual=is_bilingual)


async def first_meeting(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await heard_early(message, state, await next_step(unit, person, state), in_both=person.language is None)


async def press_first_meeting(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await next_step(unit, person, state)


class StartsTyped(HasText):
    """«start p_A1»: a wa.me link's prefilled words."""

    async def __call__(self, message: Message) -> bool | dict[str, str]:
        words = (message.text or "").split()
        if len(words) == 2 and words[0].casefold() == "start" and words[1].startswith((PRECINCT, INVITATION, GROUP)):
            return {"payload": words[1]}
        return False


async def start(_message: Message, command: CommandObject, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await begin(unit, person, state, command.args or "")


async def start_typed(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await begin(unit, person, state, "")


async def press_start(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await begin(unit, person, state, "")


async def start_linked(_message: Message, payload: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await begin(unit, person, state, payload)


async def begin(unit: Unit, person: Person, state: FSMContext, payload: str) -> Reply:
    await state.clear()
    if person.is_stopped:
        await unit.residents.start_again(person)
        person = replace(person, is_stopped=False)
    if payload.startswith(INVITATION):
        officer = await unit.officers.join(payload.removeprefix(INVITATION), person.id)
        return await welcome_officer(unit, replace(person, officer=officer), officer)
    if payload.startswith(PRECINCT):
        place = await unit.territory.by_code(payload.removeprefix(PRECINCT))
        if place is not None:
            await state.update_data(home=place.id)
            if person.has_consent:
                return await settle(unit, person, state, place)
    if payload in (TIP, INSPECTOR):
        await state.update_data(then=payload)
    if payload.startswith(GROUP):
        chat = await unit.chats.of_ticket(payload.removeprefix(GROUP))
        await state.update_data(then=TIP, **(yard_of(chat) if chat else {}))
    return await next_step(unit, person, state)


def yard_of(chat: ChatView) -> dict[str, Any]:
    """A suggestion for the place of a tip: offered at that step, never taken for granted."""
    return {"yard": chat.id, "yard_name": chat.place or chat.title} if chat.precinct_id is not None else {}


async def welcome_officer(unit: Unit, person: Person, officer: OfficerView) -> Reply:
    if person.language is None:
        await unit.residents.choose_language(person, Language.KK)
    return menu_reply(person, both("Welcome, {officer}! Your account is confirmed.", officer=officer.title))


async def next_step(unit: Unit, person: Person, state: FSMContext, *, replaces: bool = False) -> Reply:
    """What is still missing: language, consent, neighbourhood; then the menu. Officers are here on duty."""
    if person.language is None:
        await state.set_state(StartForm.language)
        return language_question()
    if not person.has_consent and person.officer is None:
        await state.set_state(StartForm.consent)
        return Reply(f"{welcome_words()}\n\n{consent_words()}", consent_choices(), replaces=replaces)
    form = await state.get_data()
    if form.get("home"):
        return await settle(unit, person, state, await unit.territory.precinct(form["home"]))
    if form.get("then") == TIP:
        asked = await ask_tile(state, replaces=replaces)  # from a group: the neighbours are not to see the details
        again = _("What you wrote before your consent was not kept: please write it once more.")
        return before(again, asked) if form.get("was_told") else asked
    if form.get("then") == INSPECTOR:
        await state.clear()
        if person.precinct_id is None:
            return await ask_precinct(state)
        return await precinct_card(unit, await unit.territory.precinct(person.precinct_id))
    if person.precinct_id is None and person.officer is None:
        return await ask_home(state, replaces=replaces)
    await state.clear()
    return menu_reply(person, replaces=replaces)


def language_question() -> Reply:
    choices = [
        Choice("Қазақша", PickLanguage(language=Language.KK).pack()),
        Choice("Русский", PickLanguage(language=Language.RU).pack()),
    ]
    return Reply(both("Choose a language"), [choices], is_bilingual=True)


async def ask_language(message: Message, state: FSMContext, person: Person) -> Reply:
    if person.language is None:
        await state.set_state(StartForm.language)
        return await heard_early(message, state, language_question(), in_both=True)
    return language_question()


async def press_language(_query: CallbackQuery) -> Reply:
    return language_question()


async def pick_language(
    _query: CallbackQuery,
    callback_data: PickLanguage,
    unit: Unit,
    person: Person,
    state: FSMContext,
    raw_state: str | None,
) -> Reply:
    """A tip that is being written is not lost by it."""
    await unit.residents.choose_language(person, callback_data.language)
    set_language(callback_data.language)
    is_known = person.language is not None and (person.has_consent or person.officer is not None)
    person = replace(person, language=callback_data.language)
    if not is_known:
        return await next_step(unit, person, state, replaces=True)
    text = _("The language is changed: English.")
    if raw_state in TIP_FORM:
        return Reply(text, [[choose("Go on", Report(step="resume")), choose("Menu", Open(what="menu"))]])
    await state.clear()
    return menu_reply(person, text)


def welcome_words() -> str:
    return _(
        "Hello! This is Korshi, the chat bot of the police department. Write what happened: your tip will be passed to"
        " the responsible police officer. You will get the number of the tip, the time of the answer and the answer."
    )


def consent_words() -> str:
    return _(
        "To look into your tip we need your personal data: your account in the messenger, what you write, your files"
        " and the place you name. In the police only the responsible officers see them. Do you agree?"
    )


def consent_choices() -> list[list[Choice]]:
    return [
        [choose("I agree", Consent(step="yes")), choose("I do not agree", Consent(step="no"))],
        [choose("Full text", Consent(step="full"))],
    ]


async def remind_consent(message: Message, state: FSMContext) -> Reply:
    return await heard_early(message, state, Reply(consent_words(), consent_choices()), in_both=False)


async def consent(
    _query: CallbackQuery, callback_data: Consent, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    if callback_data.step == "yes":
        await unit.residents.consent(person)
        return await next_step(unit, replace(person, has_consent=True), state)
    if callback_data.step == "no":
        await state.clear()
        return Reply(
            _(
                "Understood. Without consent we cannot accept a tip. If you change your mind, write “Menu”."
                " If there is danger, call 102 or 112."
            )
        )
    return Reply(await full_consent(unit), consent_choices())


async def full_consent(unit: Unit) -> str:
    department = await unit.territory.department()
    return _(
        "Consent to the collection and processing of personal data. Version: {version}\n"
        "Operator: {department}. BIN: {bin}\n"
        "Purpose: to accept and consider a tip, to answer you, to send warnings.\n"
        "Data: your account and number in the messenger, language, where you live, text of the tip, files, the place"
        " named.\n"
        "Who sees them: responsible officers. If another body must decide, the tip is passed to it.\n"
        "Where they are kept: on a server in Kazakhstan. Kept for: {term}\n"
        "Telegram, WhatsApp and Twilio (go-between for WhatsApp) carry the message through their own servers, which"
        " may be abroad.\n"
        "Your rights: to see your data, get a copy, have them deleted, withdraw the consent. To withdraw it, write STOP"
        " here: nothing more will be sent to you. For a copy or a deletion turn to the department.\n"
        "Address: {address}. Phone: {phone}.",
        version=CONSENT_VERSION,
        department=department.name if department else "–",
        bin=department.bin if department else "–",
        term=department.term if department else "–",
        address=(str(department.address) if department else "") or "–",
        phone=(department.phone if department else "") or "–",
    )
