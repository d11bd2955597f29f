"""A warning's draft as a dialog fills it: a card or own words in two languages, a file.

Warnings and campaigns ask the same first questions. Each asks for what is still missing and returns None when the
draft is whole, so that a change made later leads straight back to the check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.defang import defang, links_in
from bot.errors import N_, KorshiError, WarningTooLong
from bot.i18n import Bilingual, _, number
from bot.services.media import MEGABYTE, WHATSAPP_FETCH_LIMIT
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import CAPTION_LIMIT, TEXT_LIMIT, Audience, WarningDraft
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.attached import file_of
from bot.speech.calls import Open, Plan, Warn
from bot.speech.forms import PlanForm, WarnForm
from bot.terms import Language

PAGE = 8  # cards a screen
TITLE = 40


class NoWords(KorshiError):
    msgid = N_("There are no words in this message. Write the text of the warning.")


class SameText(KorshiError):
    msgid = N_("Both texts are the same. Residents read each in their own language: write it in the other one.")


class TooLongForFile(KorshiError):
    msgid = N_(
        "The text is too long for a file: {length} characters, at most {limit} fit under one."
        " Choose “Skip” or shorten the text."
    )


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
    "tap": ("check",),
    "untap": ("check",),
}


def words_of(form: Mapping[str, Any]) -> Bilingual:
    """As its author wrote it."""
    return Bilingual(form.get("kk", ""), form.get("ru", ""))


def text_of(form: Mapping[str, Any]) -> Bilingual:
    """As it goes: only at its author's word can a site in it be tapped."""
    words = words_of(form)
    return words if form.get("taps") else Bilingual(defang(words.kk), defang(words.ru))


def topic_of(form: Mapping[str, Any]) -> str:
    return str(form.get("topic") or "warnings")


def draft_of(form: Mapping[str, Any], audience: Audience, expires_at: datetime | None = None) -> WarningDraft:
    reason = form.get("reason", "")
    return WarningDraft(
        text_of(form),
        audience,
        form.get("scheme"),
        form.get("media"),
        is_urgent=bool(reason),
        reason=reason,
        topic=topic_of(form),
        expires_at=expires_at,
        repeats_doubt=not form.get("leaves_doubt"),
    )


def form_of(draft: WarningDraft) -> dict[str, Any]:
    """A draft that is opened again, as the dialog keeps it."""
    return {
        "kk": draft.text.kk,
        "ru": draft.text.ru,
        "scheme": draft.scheme,
        "media": draft.media_id,
        "reason": draft.reason,
        "topic": draft.topic,
        "aim": draft.audience.as_json(),
        "leaves_doubt": not draft.repeats_doubt,
        "taps": bool(links_in(draft.text)),
    }


def is_whole(form: Mapping[str, Any]) -> bool:
    return bool(form.get("kk") and form.get("ru") and "media" in form)


@dataclass(frozen=True, slots=True)
class Steps:
    """The first questions, with the buttons and states of the dialog that asks them."""

    call: type[Warn] | type[Plan]
    form: type[WarnForm] | type[PlanForm]

    def step_of(self, raw_state: str | None) -> str:
        """The name of the state; empty outside this dialog."""
        form, _colon, step = (raw_state or "").partition(":")
        return step if form == self.form.__name__ else ""

    def _cancel(self) -> Choice:
        return choose("Cancel", self.call(do="cancel"))

    # -- questions

    async def ask_source(self, unit: Unit, state: FSMContext, page: int = 0, *, replaces: bool = False) -> Reply:
        await state.set_state(self.form.source)
        schemes = await unit.warnings.schemes()
        pages = max(1, -(-len(schemes) // PAGE))
        page = min(max(page, 0), pages - 1)
        cards = [
            choose_named(
                Bilingual(f"{one.icon} {one.title.kk}".strip(), f"{one.icon} {one.title.ru}".strip()),
                self.call(do="scheme", code=one.code),
            )
            for one in schemes[page * PAGE : (page + 1) * PAGE]
        ]
        turn = []
        if page > 0:
            turn.append(choose("Previous cards", self.call(do="page", id=page - 1)))
        if page < pages - 1:
            turn.append(choose("More cards", self.call(do="page", id=page + 1)))
        last = [choose("In my own words", self.call(do="own")), self._cancel()]
        text = _("What is the warning about? Choose a fraud scheme card or write in your own words.")
        return Reply(text, [*column(*cards), turn, last] if turn else [*column(*cards), last], replaces=replaces)

    async def ask_words(self, state: FSMContext, language: Language) -> Reply:
        form = await state.get_data()
        await state.set_state(self.form.kk if language is Language.KK else self.form.ru)
        limit = number(CAPTION_LIMIT if form.get("media") else TEXT_LIMIT)
        if language is Language.KK:
            text = _("Write the text of the warning in Kazakh, at most {limit} characters.", limit=limit)
            back = "source"
        else:
            text = _("Write the text of the warning in Russian, at most {limit} characters.", limit=limit)
            back = "kk"
        back = "check" if is_whole(form) else back
        return Reply(text, [[choose("Back", self.call(do=back)), self._cancel()]], open=True)

    async def ask_file(self, state: FSMContext) -> Reply:
        await state.set_state(self.form.picture)
        text = _(
            "Send one photo, video (up to {megabytes} MB) or document for the warning. If none is needed, choose"
            " “Skip”.",
            megabytes=WHATSAPP_FETCH_LIMIT // MEGABYTE,
        )
        back = [choose("Back", self.call(do="check"))] if is_whole(await state.get_data()) else []  # keeps what it has
        return Reply(text, [[choose("Skip", self.call(do="skip")), *back, self._cancel()]])

    async def ask_missing(self, state: FSMContext) -> Reply | None:
        form = await state.get_data()
        for language in (Language.KK, Language.RU):
            if not form.get(language.value):
                return await self.ask_words(state, language)
        return None if "media" in form else await self.ask_file(state)

    async def ask_again(self, unit: Unit, state: FSMContext, step: str) -> Reply:
        match step:
            case "kk":
                return await self.ask_words(state, Language.KK)
            case "ru":
                return await self.ask_words(state, Language.RU)
            case "picture":
                return await self.ask_file(state)
        return await self.ask_source(unit, state)

    def change_question(self, *more: Choice) -> Reply:
        choices = [
            choose("Kazakh text", self.call(do="kk")),
            choose("Russian text", self.call(do="ru")),
            choose("Picture or file", self.call(do="picture")),
            choose("Another card", self.call(do="source")),
            *more,
            choose("Back", self.call(do="check")),
        ]
        return Reply(_("What shall be changed?"), column(*choices), replaces=True)

    # -- answers

    async def press(self, unit: Unit, state: FSMContext, pressed: Warn | Plan) -> Reply | None:
        """One of PRESSED_IN."""
        match pressed.do:
            case "page":
                return await self.ask_source(unit, state, pressed.id, replaces=True)
            case "source":
                return await self.ask_source(unit, state)
            case "kk" | "ru":
                return await self.ask_words(state, Language(pressed.do))
            case "picture":
                return await self.ask_file(state)
            case "scheme":
                scheme = await unit.warnings.scheme(pressed.code)
                form = await state.get_data()
                unit.warnings.check(scheme.text, with_media=bool(form.get("media")))
                await state.update_data(scheme=scheme.code, kk=scheme.text.kk, ru=scheme.text.ru)
            case "own":
                await state.update_data(scheme=None, kk="", ru="")
            case "skip":
                await state.update_data(media=None)
            case "tap" | "untap":
                await state.update_data(taps=pressed.do == "tap")
        return await self.ask_missing(state)

    async def tell_words(self, unit: Unit, state: FSMContext, text: str) -> Reply | None:
        """Raises NoWords, SameText, WarningTooLong: the dialog stays where it was."""
        form = await state.get_data()
        language = Language(self.step_of(await state.get_state()))
        if not any(letter.isalpha() for letter in text):
            raise NoWords
        unit.warnings.check(text_of({"kk": text, "ru": text}), with_media=bool(form.get("media")))
        other = form.get("ru" if language is Language.KK else "kk", "")
        if other.casefold() == text.casefold():
            raise SameText
        await state.update_data({language.value: text, "taps": False})  # it was said of other words
        return await self.ask_missing(state)

    async def tell_file(self, unit: Unit, person: Person, state: FSMContext, message: Message) -> Reply | None:
        """Raises TooLongForFile, FileTooLarge, TypeNotShown."""
        media = file_of(message)
        try:
            unit.warnings.check(text_of(await state.get_data()), with_media=True)
        except WarningTooLong as refusal:
            raise TooLongForFile(**refusal.facts) from None
        await state.update_data(media=unit.shelf.want(person.messenger, media), album=message.media_group_id)
        return await self.ask_missing(state)


def refusal_of(message: Message, step: str) -> str:
    """Why this message is not what the step asks for."""
    if step in ("kk", "ru"):
        if message.photo:
            return _("First the text in both languages, then the picture.")
        return _("Only plain text can be accepted here.")
    if step == "picture":
        return _("Only a photo, a video or a document can be added to a warning.")
    if message.text:
        return _("Please choose one of the buttons.")
    return _(
        "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
    )


def title_of(text: Bilingual) -> str:
    """Its first line, short enough for a button."""
    first = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    return first if len(first) <= TITLE else first[: TITLE - 1].rstrip() + "…"


def quoted_title(text: Bilingual) -> str:
    """The same inside a sentence's own quotation marks: „“ within «»."""
    return title_of(text).replace("«", "„").replace("»", "“")


def menu_choice() -> Choice:
    return choose("Menu", Open(what="menu"))
