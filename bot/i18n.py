"""Words, dates and numbers in the language of the person spoken to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from bot.terms import Language

LOCALES = Path(__file__).parent.parent / "locales"
DOMAIN = "korshi"

_language: ContextVar[Language] = ContextVar("language", default=Language.KK)
_LOCALE = {Language.KK: Locale.parse("kk_KZ"), Language.RU: Locale.parse("ru_KZ")}  # ru_KZ prints ₸, ru prints KZT


@cache
def _catalog(language: Language) -> NullTranslations:
    return Translations.load(LOCALES, [language.value], DOMAIN)


def language() -> Language:
    return _language.get()


def set_language(value: Language) -> None:
    _language.set(value)


@contextmanager
def speaking(value: Language) -> Iterator[None]:
    """Words made inside are in this language."""
    token = _language.set(value)
    try:
        yield
    finally:
        _language.reset(token)


def _(msgid: str, /, **facts: object) -> str:
    """The sentence in the current language, placeholders filled. Facts are put in as they are, never parsed."""
    text = _catalog(_language.get()).ugettext(msgid)
    return text.format(**facts) if facts else text


def ngettext(singular: str, plural: str, n: int, /, **facts: object) -> str:
    text = _catalog(_language.get()).ungettext(singular, plural, n)
    return text.format(n=number(n), **facts)


def number(value: float) -> str:
    return format_decimal(value, locale=_LOCALE[_language.get()])


def day(value: date) -> str:
    """«2025 жылғы 1 қыркүйек» / «1 сентября 2025 года»: no case ending may follow it."""
    if _language.get() is Language.KK:
        return format_date(value, "y 'жылғы' d MMMM", locale=_LOCALE[Language.KK])
    return format_date(value, "d MMMM y 'года'", locale=_LOCALE[Language.RU])


def moment(value: datetime, zone: ZoneInfo) -> str:
    """Date and wall time in the department's zone."""
    local = value.astimezone(zone)
    return f"{day(local.date())}, {clock(local)}"


def clock(value: datetime) -> str:
    return format_time(value, "HH:mm", locale=_LOCALE[_language.get()])


def have_catalogs() -> bool:
    return all((LOCALES / lang.value / "LC_MESSAGES" / f"{DOMAIN}.mo").exists() for lang in Language)


@dataclass(frozen=True, slots=True)
class Bilingual:
    """Words that live in data, not in catalogs (names, categories, cards). As a string: in the current language."""

    kk: str
    ru: str

    def __str__(self) -> str:
        return self.of(_language.get())

    def of(self, language: Language) -> str:
        return self.kk if language is Language.KK else self.ru
