"""Did the police publish this warning? A code, a forwarded copy or any text is compared with what was published."""

from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _, moment
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import WarningView
from bot.speech import Reply, choose
from bot.speech.calls import Open, Opens
from bot.speech.forms import ProofForm
from bot.speech.proof import SHORTEST, Proof, Verdict, claims_to_be_ours, codes_in, prove
from bot.speech.published import warning_text
from bot.speech.report import busy
from bot.terms import NoticeKind


def router() -> Router:
    router = Router(name="proof")
    router.message.register(begin, Command("proof"))
    router.callback_query.register(press_begin, Opens("proof"))
    router.message.register(asked, StateFilter(ProofForm.asking), HasCaptionOrText())
    router.message.register(repeat, StateFilter(ProofForm.asking))
    router.message.register(unasked, StateFilter(None), LooksPublished())
    return router


class HasCaptionOrText(Filter):
    """A warning with a picture has its words in the caption. The handler gets them as `text`."""

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        text = (message.text or message.caption or "").strip()
        return {"text": text} if text and not text.startswith("/") else False


class LooksPublished(HasCaptionOrText):
    """Nothing was asked, but this may be a copy of a warning: it has a code, or it is a forwarded long text."""

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        found = await super().__call__(message)
        if not isinstance(found, dict):
            return False
        is_copy = message.forward_origin is not None and len(found["text"]) >= SHORTEST
        return found if is_copy or codes_in(found["text"]) else False


async def begin(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await ask(state)


async def press_begin(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await ask(state)


async def repeat(_message: Message, state: FSMContext) -> Reply:
    return await ask(state)


async def ask(state: FSMContext) -> Reply:
    await state.set_state(ProofForm.asking)
    text = _("Send the text or the code of a warning: we will check whether the police published it.")
    return Reply(text, [[choose("Menu", Open(what="menu"))]], open=True)


async def asked(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    await state.clear()
    return proof_reply(await _prove(unit, text), person, unit)


async def unasked(_message: Message, text: str, unit: Unit, person: Person) -> Reply:
    """Only what is known or claims to be ours is answered; anything else is the beginning of a tip."""
    proof = await _prove(unit, text)
    if proof.verdict is Verdict.FOREIGN and not claims_to_be_ours(text):
        raise SkipHandler
    return proof_reply(proof, person, unit)


async def _prove(unit: Unit, text: str) -> Proof:
    codes = codes_in(text)
    by_code = await unit.warnings.published(codes) if codes else []
    templates = await unit.templates.worded(NoticeKind.WARNING, NoticeKind.WARNING_CHANGE)
    return prove(text, by_code, await unit.warnings.recent(), templates)


def proof_reply(proof: Proof, person: Person, unit: Unit) -> Reply:
    choices = [[choose("Check another text", Open(what="proof")), choose("Menu", Open(what="menu"))]]
    warning = proof.warning
    if warning is None:
        text = _(
            "❌ The police department published no such warning. Do not open its link, do not send money,"
            " do not pass it on."
        )
        return Reply(text, choices)
    return Reply(_published(proof, warning, person, unit), choices)


def _published(proof: Proof, warning: WarningView, person: Person, unit: Unit) -> str:
    """The worst that is known of it comes first."""
    original = warning_text(warning.published, warning.code, person.language)
    day = moment(warning.due_at or warning.created_at, unit.zone)  # written the evening before, it went by day
    is_changed = proof.verdict is Verdict.CHANGED
    if warning.is_recalled and is_changed:
        return _(
            "⚠️ There was such a warning, but the department has recalled it, and the text of this copy is changed. Do"
            " not trust it, do not pass it on."
        )
    if warning.is_recalled:
        return _(
            "❌ The police department published this warning and has recalled it: it holds no longer. Do not go by it,"
            " do not pass it on. Date: {day}.",
            day=day,
        )
    if is_changed:
        return _(
            "⚠️ There was such a warning, but the text of this copy is changed. Do not trust it, do not pass it on."
            " The original:\n{text}",
            text=original,
        )
    if proof.is_outdated:
        newer = moment(warning.corrected_at, unit.zone) if warning.corrected_at else "–"
        return _(
            "⚠️ The police department published this text, but has changed it since: it is out of date. Do not pass it"
            " on. Date of the warning: {day}, of the newer text: {newer}. What holds now:\n{text}",
            day=day,
            newer=newer,
            text=original,
        )
    if proof.code_only:
        return _(
            "✅ A warning with this code was published by the police department. Date: {day}. Compare it word for"
            " word; the original:\n{text}",
            day=day,
            text=original,
        )
    return _(
        "✅ This warning was published by the police department. Date: {day}. The text is the same as the"
        " original. Remember: the police do not ask for money or codes.",
        day=day,
    )
