"""What Korshi can say, on any messenger: a Reply is made by a handler or by a notice's words, and sent by a channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import MessageEntity
from aiogram.utils.formatting import Text

from bot.i18n import Bilingual, _, language, speaking
from bot.terms import Language


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `also` is its label in the other language: a typed word may be in either."""

    label: str
    value: str = ""
    url: str = ""
    also: str = ""


def choose(msgid: str, data: CallbackData) -> Choice:
    """A button with a catalog's word."""
    other = Language.RU if language() is Language.KK else Language.KK
    with speaking(other):
        also = _(msgid)
    return Choice(_(msgid), data.pack(), also=also)


def choose_named(name: Bilingual, data: CallbackData) -> Choice:
    """A button with a word from the data: a category, a precinct, a scheme."""
    return Choice(str(name), data.pack(), also=name.ru if language() is Language.KK else name.kk)


def choose_about(msgid: str, fact: str, name: Bilingual, data: CallbackData) -> Choice:
    """A button with a catalog's word around one from the data."""
    words = {}
    for each in Language:
        with speaking(each):
            words[each] = _(msgid, **{fact: name.of(each)})
    other = Language.RU if language() is Language.KK else Language.KK
    return Choice(words[language()], data.pack(), also=words[other])


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Buttons where the messenger has them, numbered lines where not.

    `replaces`: the pressed message is edited instead of a new one being sent. `open`: free words are expected here,
    so a number is not a choice; unless it is `numbered`, because no number alone can be what is asked for. `alert`: a
    word to the presser alone. `asks`: the messenger's own location or contact button. `media_id` is the file to show,
    by id on our shelf. `tag`: while the last message of this chat has the same tag, it is edited (or, where nothing can
    be edited, left as it is) instead of a new one being sent. `point`: for the messenger's own map where it has one;
    the text says the place too, in its first line what it is.
    """

    text: Text | str = ""
    choices: Sequence[Sequence[Choice]] = ()
    replaces: bool = False
    open: bool = False
    numbered: bool = False
    alert: str = ""
    asks: Literal["", "location", "contact"] = ""
    media_id: int | None = None
    tag: str = ""
    is_bilingual: bool = False  # said before the language is known: the channel's own hints are in both too
    point: tuple[float, float] | None = None  # latitude, longitude
    frees_keys: bool = False  # the keys an earlier `asks` has put on the screen go with this message
    then: "Reply | None" = None

    def rendered(self) -> tuple[str, list[MessageEntity]]:
        if isinstance(self.text, str):
            return self.text, []
        text, entities = self.text.render()
        return text, list(entities)

    def as_facts(self) -> dict[str, Any]:
        """For a promise: a reply that could not leave in time."""
        text, entities = self.rendered()
        return {
            "text": text,
            "entities": [entity.model_dump(exclude_none=True, exclude={"user"}) for entity in entities],
            "choices": [[[c.label, c.value, c.url, c.also] for c in row] for row in self.choices],
            "open": self.open,
            "numbered": self.numbered,
            "is_bilingual": self.is_bilingual,
            "media": self.media_id,
        }


def from_facts(facts: dict[str, Any]) -> Reply:
    entities = [MessageEntity.model_validate(item) for item in facts.get("entities", [])]
    text = Text.from_entities(facts["text"], entities) if entities else facts["text"]
    choices = [[Choice(*item) for item in row] for row in facts.get("choices", [])]
    is_bilingual = bool(facts.get("is_bilingual"))
    is_open, is_numbered, media_id = bool(facts.get("open")), bool(facts.get("numbered")), facts.get("media")
    return Reply(text, choices, open=is_open, numbered=is_numbered, is_bilingual=is_bilingual, media_id=media_id)


def pair(name: str, value: object) -> str:
    """One line of a card."""
    return f"{name}: {value}"


def column(*choices: Choice) -> list[list[Choice]]:
    """One button a row: long words stay readable on a narrow phone."""
    return [[choice] for choice in choices]


def rows(choices: Sequence[Choice], width: int = 2) -> list[list[Choice]]:
    return [list(choices[start : start + width]) for start in range(0, len(choices), width)]


def both(msgid: str, **facts: Any) -> str:
    """Kazakh first, Russian under it: for groups and for people who have not chosen a language."""
    with speaking(Language.KK):
        first = _(msgid, **facts)
    with speaking(Language.RU):
        return f"{first}\n\n{_(msgid, **facts)}"
