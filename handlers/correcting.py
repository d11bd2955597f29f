"""An officer corrects a warning that has gone: both versions are shown, a second officer looks, everybody is told."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.defang import defang, tappable
from bot.errors import N_, CorrectionWaits, KorshiError
from bot.i18n import Bilingual, _
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import WarningView
from bot.speech import Choice, Reply, choose
from bot.speech.calls import Warn
from bot.speech.drafts import NoWords, SameText, menu_choice
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import WatchForm
from bot.speech.presses import before, officer_of, stale, was_answered
from bot.speech.progress import progress_reply
from bot.speech.reviews import as_it_is, as_it_will_be, told_words
from bot.terms import Language, Role

WRITING = (WatchForm.kk, WatchForm.ru)


class NothingChanged(KorshiError):
    msgid = N_("Both texts are as they were: there is nothing to correct.")


def router() -> Router:
    """Stands before the dialog that writes warnings."""
    router = Router(name="correcting")
    officer = IsOfficer(Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN)
    gate = Pressed("warn")
    router.callback_query.register(begin, gate, officer, Warn.filter(F.do == "correct"))
    router.callback_query.register(keep, gate, officer, Warn.filter(F.do == "correct_keep"))
    router.callback_query.register(confirm, gate, officer, Warn.filter(F.do == "correct_yes"))
    router.callback_query.register(take_back, gate, officer, Warn.filter(F.do == "correct_back"))
    router.message.register(tell_text, officer, StateFilter(*WRITING), HasText())
    router.message.register(tell_other, officer, StateFilter(*WRITING, WatchForm.check))
    return router


async def begin(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Raises CorrectionWaits before a word is written in vain."""
    warning = await unit.warnings.to_change(officer_of(person), callback_data.id)
    if warning.is_being_corrected:
        raise CorrectionWaits
    await state.clear()
    await state.update_data(id=warning.id, change=warning.change)
    return await ask(warning, state, Language.KK)


async def ask(warning: WarningView, state: FSMContext, language: Language) -> Reply:
    text = warning.published.of(language)
    if language is Language.KK:
        await state.set_state(WatchForm.kk)
        words = _("Write the corrected text in Kazakh. Now it says:\n\n{text}", text=text)
    else:
        await state.set_state(WatchForm.ru)
        words = _("Write the corrected text in Russian. Now it says:\n\n{text}", text=text)
    keep_it = choose("Leave this text as it is", Warn(do="correct_keep", id=warning.id, code=language.value))
    return Reply(words, [[keep_it], [_back(warning)]], open=True)


async def keep(
    _query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    form = await state.get_data()
    if raw_state not in (WatchForm.kk.state, WatchForm.ru.state) or form.get("id") != callback_data.id:
        return stale(person)
    language = Language.KK if raw_state == WatchForm.kk.state else Language.RU
    if callback_data.code != language.value:
        return stale(person)
    officer = officer_of(person)
    warning = await unit.warnings.to_change(officer, callback_data.id)
    return await go_on(unit, officer, warning, state, language, warning.published.of(language))


async def tell_text(
    _message: Message, text: str, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """Raises NoWords, WarningTooLong: the dialog stays where it was. What could be tapped so far still can."""
    form = await state.get_data()
    officer = officer_of(person)
    warning = await unit.warnings.to_change(officer, form["id"])
    if not any(letter.isalpha() for letter in text):
        raise NoWords
    text = defang(text, tappable("\n".join([warning.published.kk, warning.published.ru])))
    unit.warnings.check(Bilingual(text, text), with_media=warning.media_id is not None)
    language = Language.KK if raw_state == WatchForm.kk.state else Language.RU
    return await go_on(unit, officer, warning, state, language, text)


async def go_on(
    unit: Unit, officer: OfficerView, warning: WarningView, state: FSMContext, language: Language, text: str
) -> Reply:
    if language is Language.KK:
        await state.update_data(kk=text)
        return await ask(warning, state, Language.RU)
    corrected = Bilingual((await state.get_data())["kk"], text)
    if corrected.kk.casefold() == corrected.ru.casefold():
        raise SameText
    if corrected == warning.published:
        raise NothingChanged
    await state.update_data(ru=text)
    return await check(unit, officer, warning, state)


async def check(unit: Unit, officer: OfficerView, warning: WarningView, state: FSMContext) -> Reply:
    await state.set_state(WatchForm.check)
    form = await state.get_data()
    corrected = Bilingual(form["kk"], form["ru"])
    lines = [as_it_will_be(corrected), ""]
    if await unit.warnings.goes_alone(officer, warning.audience):
        question = _("Whoever still waits for it gets it like this at once. Send it?")
        yes = choose("Yes, correct it", Warn(do="correct_yes", id=warning.id))
    else:
        lines.append(_("A second officer looks at it first."))
        question = _("Whoever still waits for the warning then gets it like this. Hand it in?")
        yes = choose("Hand in for approval", Warn(do="correct_yes", id=warning.id))
    new = "\n".join([*lines, told_words(warning.published, corrected), question])
    anew = choose("Write it anew", Warn(do="correct", id=warning.id))
    return Reply(as_it_is(warning.published), then=Reply(new, [[yes], [anew], [_back(warning)]]))


async def confirm(
    _query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    form = await state.get_data()
    if raw_state != WatchForm.check.state or form.get("id") != callback_data.id:
        return stale(person)
    officer = officer_of(person)
    text = Bilingual(form["kk"], form["ru"])
    warning = await unit.warnings.correct(officer, callback_data.id, text, seen=form["change"])
    await state.clear()
    if not warning.is_being_corrected:
        return await card(unit, officer, warning)
    words = _(
        "The correction is handed in. It goes when a second officer has approved it; until then the warning stays as"
        " it is. Is the warning itself wrong? Then recall it: that is done at once."
    )
    recall = choose("Recall", Warn(do="recall", id=warning.id))
    return Reply(words, [[recall, _taking_back(warning)], [_back(warning), menu_choice()]], replaces=True)


async def take_back(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person) -> Reply:
    officer = officer_of(person)
    return await card(unit, officer, await unit.warnings.withdraw_correction(officer, callback_data.id))


async def card(unit: Unit, officer: OfficerView, warning: WarningView) -> Reply:
    shown = progress_reply(warning, await unit.warnings.progress(warning.id), unit.zone, officer)
    choices = [*shown.choices, [choose("My warnings", Warn(do="list")), menu_choice()]]
    return replace(shown, choices=choices, replaces=True)


async def tell_other(
    message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """The wrong kind of message: why, and the question again."""
    if (message.text or "").startswith("/"):
        return None
    if await was_answered(message, state):
        return None
    officer = officer_of(person)
    warning = await unit.warnings.to_change(officer, (await state.get_data())["id"])
    if raw_state == WatchForm.check.state:
        return before(_("Please choose one of the buttons."), await check(unit, officer, warning, state))
    question = await ask(warning, state, Language.KK if raw_state == WatchForm.kk.state else Language.RU)
    return before(_("Only plain text can be accepted here."), question)


def _back(warning: WarningView) -> Choice:
    return choose("Back to the warning", Warn(do="show", id=warning.id))


def _taking_back(warning: WarningView) -> Choice:
    return choose("Take the correction back", Warn(do="correct_back", id=warning.id))
