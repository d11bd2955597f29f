"""A warning as it reaches people: what was approved, and what became of it later."""

from bot.i18n import Bilingual, _, speaking
from bot.services.warnings import WarningView
from bot.terms import Language


def warning_text(text: Bilingual, code: str, language: Language | None) -> str:
    """As it reaches a resident in his language, or a group in both, Kazakh first. The preview shows this same text."""
    parts = []
    for one in _languages(language):
        with speaking(one):
            proof = _("Police warning {code}", code=code)
        parts.append("\n\n".join([text.of(one), proof]) if code else text.of(one))
    return BETWEEN.join(parts)


def change_text(warning: WarningView, language: Language | None) -> str:
    """What its message becomes where it can be edited, and what is written under it where not.

    In both languages only the text that is another one than at first is said to be corrected."""
    languages = _languages(language)
    corrected = [one for one in languages if warning.published.of(one) != warning.text.of(one)]
    parts = []
    for one in languages:
        with speaking(one):
            proof = _("Police warning {code}", code=warning.code)
            is_marked = warning.is_recalled or one in corrected or not corrected
            words = change_words(warning) if is_marked else warning.published.of(one)
            parts.append("\n\n".join([words, proof]))
    return BETWEEN.join(parts)


def change_words(warning: WarningView) -> str:
    """Without the code, in the language spoken now: for a template, too."""
    if warning.is_recalled:
        return _("❌ Recalled. The police department takes this warning back: do not go by it, do not pass it on.")
    return "\n\n".join([_("✏️ Corrected:"), str(warning.published)])


def _languages(language: Language | None) -> tuple[Language, ...]:
    return (language,) if language else (Language.KK, Language.RU)


BETWEEN = "\n\n— — —\n\n"
