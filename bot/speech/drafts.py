"""A warning's draft as a dialog fills it: a card or own words in two languages, a picture.

Warnings and campaigns ask the same first questions. Each function asks for what is still missing and returns None when
the draft is whole, so that a change made later leads straight back to the check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.errors import N_, KorshiError, WarningTooLong
from bot.i18n import Bilingual, _, number
from bot.services.media import TELEGRAM_FETCH_LIMIT, MediaDraft
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import CAPTION_LIMIT, TEXT_LIMIT, Audience, WarningDraft
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.calls import Open, Plan, PlanForm, Warn, WarnForm
from bot.speech.notices import warning_text
from bot.speech.parts import FileTooLarge
from bot.terms import Language, Messenger, PartKind

PAGE = 8  # cards a screen
TITLE = 40


class NoWords(KorshiError):
    msgid = N_("There are no words in this message. Write the text of the warning.")


class SameText(KorshiError):
    msgid = N_("Both texts are the same. Residents read each in their own language: write it in the other one.")


class TooLongForPicture(KorshiError):
    msgid = N_(
        "The text is too long for a picture: {length} characters, at most {limit} fit under one."
        " Choose “Skip” or shorten the text."
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """The buttons and states of the dialog that asks."""

    call: type[Warn] | type[Plan]
    form: type[WarnForm] | type[PlanForm]


class HasPhoto(Filter):
    async def __call__(self, message: Message) -> bool:
        return bool(message.photo)


# Where each of the shared buttons may be pressed.
PRESSED_IN: Mapping[str, tuple[str, ...]] = {
    "page": ("source",),
    "scheme": ("source",),
    "own": ("source",),
    "source": ("kk", "check"),
    "kk": ("ru", "check"),
    "ru": ("check",),
    "picture": ("check",),
    "skip": ("picture",),
}


def step_of(steps: Steps, raw_state: str | None) -> str:
    """The name of the state; empty outside this dialog."""
    form, _colon, step = (raw_state or "").partition(":")
    return step if form == steps.form.__name__ else ""


def text_of(form: Mapping[str, Any]) -> Bilingual:
    return Bilingual(form.get("kk", ""), form.get("ru", ""))


def draft_of(form: Mapping[str, Any], audience: Audience) -> WarningDraft:
    reason = form.get("reason", "")
    return WarningDraft(
        text_of(form), audience, form.get("scheme"), form.get("media"), is_urgent=bool(reason), reason=reason
    )


# -- questions


async def ask_source(unit: Unit, state: FSMContext, steps: Steps, page: int = 0, *, replaces: bool = False) -> Reply:
    await state.set_state(steps.form.source)
    schemes = await unit.warnings.schemes()
    pages = max(1, -(-len(schemes) // PAGE))
    page = min(max(page, 0), pages - 1)
    cards = [
        choose_named(
            Bilingual(f"{one.icon} {one.title.kk}".strip(), f"{one.icon} {one.title.ru}".strip()),
            steps.call(do="scheme", code=one.code),
        )
        for one in schemes[page * PAGE : (page + 1) * PAGE]
    ]
    turn = []
    if page > 0:
        turn.append(choose("Previous cards", steps.call(do="page", id=page - 1)))
    if page < pages - 1:
        turn.append(choose("More cards", steps.call(do="page", id=page + 1)))
    last = [choose("In my own words", steps.call(do="own")), choose("Cancel", steps.call(do="cancel"))]
    text = _("What is the warning about? Choose a fraud scheme card or write in your own words.")
    return Reply(text, [*column(*cards), turn, last] if turn else [*column(*cards), last], replaces=replaces)


async def ask_words(state: FSMContext, steps: Steps, language: Language) -> Reply:
    form = await state.get_data()
    await state.set_state(steps.form.kk if language is Language.KK else steps.form.ru)
    limit = number(CAPTION_LIMIT if form.get("media") else TEXT_LIMIT)
    if language is Language.KK:
        text = _("Write the text of the warning in Kazakh, at most {limit} characters.", limit=limit)
        back = "source"
    else:
        text = _("Write the text of the warning in Russian, at most {limit} characters.", limit=limit)
        back = "kk"
    back = "check" if is_whole(form) else back
    return Reply(text, [[choose("Back", steps.call(do=back)), choose("Cancel", steps.call(do="cancel"))]], open=True)


async def ask_picture(state: FSMContext, steps: Steps) -> Reply:
    await state.set_state(steps.form.picture)
    text = _("Send a picture for the warning: one photo. If none is needed, choose “Skip”.")
    return Reply(text, [[choose("Skip", steps.call(do="skip")), choose("Cancel", steps.call(do="cancel"))]])


def is_whole(form: Mapping[str, Any]) -> bool:
    return bool(form.get("kk") and form.get("ru") and "media" in form)


async def ask_missing(state: FSMContext, steps: Steps) -> Reply | None:
    form = await state.get_data()
    for language in (Language.KK, Language.RU):
        if not form.get(language.value):
            return await ask_words(state, steps, language)
    return None if "media" in form else await ask_picture(state, steps)


async def ask_again(unit: Unit, state: FSMContext, steps: Steps, step: str) -> Reply:
    match step:
        case "kk":
            return await ask_words(state, steps, Language.KK)
        case "ru":
            return await ask_words(state, steps, Language.RU)
        case "picture":
            return await ask_picture(state, steps)
    return await ask_source(unit, state, steps)


def change_question(steps: Steps, *more: Choice) -> Reply:
    choices = [
        choose("Kazakh text", steps.call(do="kk")),
        choose("Russian text", steps.call(do="ru")),
        choose("Picture", steps.call(do="picture")),
        choose("Another card", steps.call(do="source")),
        *more,
        choose("Back", steps.call(do="check")),
    ]
    return Reply(_("What shall be changed?"), column(*choices), replaces=True)


# -- answers


async def press(unit: Unit, state: FSMContext, steps: Steps, pressed: Warn | Plan) -> Reply | None:
    """One of PRESSED_IN."""
    match pressed.do:
        case "page":
            return await ask_source(unit, state, steps, pressed.id, replaces=True)
        case "source":
            return await ask_source(unit, state, steps)
        case "kk" | "ru":
            return await ask_words(state, steps, Language(pressed.do))
        case "picture":
            return await ask_picture(state, steps)
        case "scheme":
            scheme = await unit.warnings.scheme(pressed.code)
            form = await state.get_data()
            unit.warnings.check(scheme.text, with_media=bool(form.get("media")))
            await state.update_data(scheme=scheme.code, kk=scheme.text.kk, ru=scheme.text.ru)
        case "own":
            await state.update_data(scheme=None, kk="", ru="")
        case "skip":
            await state.update_data(media=None)
    return await ask_missing(state, steps)


async def tell_words(unit: Unit, state: FSMContext, steps: Steps, text: str) -> Reply | None:
    """Raises NoWords, SameText, WarningTooLong: the dialog stays where it was."""
    form = await state.get_data()
    language = Language(step_of(steps, await state.get_state()))
    if not any(letter.isalnum() for letter in text):
        raise NoWords
    unit.warnings.check(Bilingual(text, text), with_media=bool(form.get("media")))
    other = form.get("ru" if language is Language.KK else "kk", "")
    if other.casefold() == text.casefold():
        raise SameText
    await state.update_data({language.value: text})
    return await ask_missing(state, steps)


async def tell_picture(unit: Unit, person: Person, state: FSMContext, steps: Steps, message: Message) -> Reply | None:
    """The largest size of the photo goes on the shelf. Raises TooLongForPicture, FileTooLarge."""
    photo = max(message.photo or [], key=lambda size: (size.width * size.height, size.file_size or 0))
    if photo.file_size is not None and photo.file_size > TELEGRAM_FETCH_LIMIT:
        raise FileTooLarge(size="20 MB")
    try:
        unit.warnings.check(text_of(await state.get_data()), with_media=True)
    except WarningTooLong as refusal:
        raise TooLongForPicture(**refusal.facts) from None
    media = MediaDraft(PartKind.PHOTO, photo.file_id, "image/jpeg", photo.file_size)
    await state.update_data(media=unit.shelf.want(person.messenger, media), album=message.media_group_id)
    return await ask_missing(state, steps)


def refusal_of(message: Message, step: str) -> str:
    """Why this message is not what the step asks for."""
    if step in ("kk", "ru"):
        if message.photo:
            return _("First the text in both languages, then the picture.")
        return _("Only plain text can be accepted here.")
    if step == "picture":
        if message.document:
            return _("Send the picture as a photo, not as a file.")
        return _("Only a photo can be added to a warning.")
    if message.text:
        return _("Please choose one of the buttons.")
    return _(
        "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
    )


# -- what it will look like


def title_of(text: Bilingual) -> str:
    """Its first line, short enough for a button."""
    first = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    return first if len(first) <= TITLE else first[: TITLE - 1].rstrip() + "…"


async def preview(unit: Unit, person: Person, form: Mapping[str, Any], then: Reply) -> Reply:
    """Both versions as a resident gets them, then the check."""
    media_id = form.get("media")
    if media_id and person.messenger is Messenger.WHATSAPP:
        media = await unit.shelf.get(media_id)
        if media is None or media.state != "stored":  # Twilio fetches it from us, and it is still on its way here
            media_id = None
    text = text_of(form)
    russian = Reply(warning_text(text, "", Language.RU), media_id=media_id, then=then)
    return Reply(warning_text(text, "", Language.KK), media_id=media_id, then=russian)


def check_head(form: Mapping[str, Any]) -> list[str]:
    lines = [
        _(
            "Please check the two texts above. Each resident gets one in their language, groups get both."
            " A code is added that proves the warning genuine."
        )
    ]
    if form.get("media"):
        lines.append(_("With a picture."))
    return lines


async def audience_words(unit: Unit, audience: Audience) -> str:
    if audience.everyone:
        return _("the whole department")
    return ", ".join([str((await unit.territory.precinct(id_)).name) for id_ in audience.precinct_ids])


def menu_choice() -> Choice:
    return choose("Menu", Open(what="menu"))
