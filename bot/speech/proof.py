"""Compares a text with what the department published: the same, changed, or not ours. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from bot.i18n import Bilingual, _, speaking
from bot.services.templates import TemplateView, WordedTemplate
from bot.services.warnings import WarningView
from bot.speech.notices import one_line
from bot.speech.published import change_text, change_words, warning_text
from bot.terms import Language, NoticeKind

CODE = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NP-Z2-9]{6}(?![A-Za-z0-9])")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CYRILLIC = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
"""Who types a code on a Kazakh or Russian keyboard takes the letters that look the same."""
ASIDE = 24
"""Letters beside a code: so few are a word about it («код …», «рас па?»), not a copy of a warning."""
_POINTS_SOMEWHERE = re.compile(r"\d|\w[./]\w|@")
ALIKE = 80.0
"""Of 100: a text this near to a published one is a changed copy, not another text (rapidfuzz ratio)."""
SHORTEST = 40
"""Characters; anything shorter without a code is a word of the talk, not a warning."""
SHARED = 3
"""A changed copy keeps at least one of so many of its words; the others are not compared letter by letter."""
SKETCH_BITS = 1024
KEPT = 256  # warnings whose versions are in memory, some kilobytes each
_GAPS = re.compile(r"[\s‐-―-]+")
_MARKS = re.compile(r"[*_~`\ufe0e\ufe0f\u200b-\u200f\u2060]")


class Verdict(StrEnum):
    GENUINE = "genuine"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Proof:
    """`warning` is the published one meant; `code_only`: there was no text to compare; `is_outdated`: the text is one
    from before its last correction."""

    verdict: Verdict
    warning: WarningView | None = None
    code_only: bool = False
    is_outdated: bool = False


def codes_in(text: str) -> list[str]:
    """What may be a code of ours: people type it in small letters only when it stands alone."""
    if whole := _alone(text):
        return [whole]
    found = [*CODE.findall(text), *filter(CODE.fullmatch, map(_latin, re.findall(r"\w+", text)))]
    return [code for code in dict.fromkeys(found) if any(letter in _LETTERS for letter in code)]


def _alone(text: str) -> str:
    """The code that is all of the text; a digit in it tells «VRX 4VD» from two words."""
    whole = _latin(text.strip().upper())
    joined = _GAPS.sub("", whole)
    if joined != whole and not any(map(str.isdigit, joined)):
        return ""
    return joined if CODE.fullmatch(joined) and any(letter in _LETTERS for letter in joined) else ""


def _latin(word: str) -> str:
    return word.translate(_CYRILLIC)


def prove(
    text: str,
    by_code: Iterable[WarningView],
    recent: Iterable[WarningView],
    templates: Sequence[WordedTemplate] = (),
) -> Proof:
    """A code alone proves that the warning exists; with a text only the whole text of that warning is genuine.
    `templates` are those of WhatsApp, which put words of their own around ours."""
    text, known = _alone(text) or text, list(by_code)
    if not known:
        return _nearest(text, recent, templates)
    said = _plain(text)
    for warning in known:
        if said in _versions(warning, tuple(templates)):
            return _genuine(said, warning, templates)
    if _names_only(text, known[0].code):
        return Proof(Verdict.GENUINE, known[0], code_only=True)
    return Proof(Verdict.CHANGED, known[0])


def _names_only(text: str, code: str) -> bool:
    """Nothing but the code, the line that proves a warning, a short question: there is no text to compare."""
    words = re.sub(re.escape(code), " ", _latin(text.upper()), count=1)
    for line in _proof_lines():
        words = words.replace(_latin(line.upper()), " ")
    return sum(map(str.isalpha, words)) <= ASIDE and not _POINTS_SOMEWHERE.search(words)


def _nearest(text: str, recent: Iterable[WarningView], templates: Sequence[WordedTemplate]) -> Proof:
    from rapidfuzz import fuzz

    said = _plain(text)
    if len(said) < SHORTEST:
        return Proof(Verdict.FOREIGN)
    best, score, sketch = None, ALIKE, _sketch(said)
    for warning in recent:
        versions = _versions(warning, tuple(templates))
        if said in versions:
            return _genuine(said, warning, templates)
        for version, its_sketch in versions.items():
            if (sketch & its_sketch).bit_count() * SHARED < sketch.bit_count():
                continue
            likeness = fuzz.ratio(said, version, score_cutoff=score)
            if likeness >= score:
                best, score = warning, likeness
    return Proof(Verdict.CHANGED, best) if best else Proof(Verdict.FOREIGN)


def _genuine(said: str, warning: WarningView, templates: Sequence[WordedTemplate]) -> Proof:
    is_old = warning.correction is not None and said not in _valid(warning, templates)
    return Proof(Verdict.GENUINE, warning, is_outdated=is_old)


def _sketch(text: str) -> int:
    """A bit for each word: how many words two texts share is one operation."""
    sketch = 0
    for word in set(text.split()):
        sketch |= 1 << hash(word) % SKETCH_BITS
    return sketch


@lru_cache(maxsize=KEPT)
def _versions(warning: WarningView, templates: tuple[WordedTemplate, ...]) -> dict[str, int]:
    """Whatever has reached anybody: also each text that held before the one that holds now. With their sketches."""
    said = [*_shown(warning, warning.text, templates), *_valid(warning, templates)]
    for text in filter(None, [*warning.earlier, warning.correction]):
        was_then = replace(warning, correction=text, is_recalled=False)
        said += [*_shown(warning, text, templates), *_changed(was_then, templates)]
    return {version: _sketch(version) for version in said}


def _valid(warning: WarningView, templates: Sequence[WordedTemplate]) -> list[str]:
    """What holds now, and what its messages were changed into."""
    changed = _changed(warning, templates) if warning.change else []
    return [*_shown(warning, warning.published, templates), *changed]


def _changed(warning: WarningView, templates: Sequence[WordedTemplate]) -> list[str]:
    said = [change_text(warning, one) for one in (Language.KK, Language.RU, None)]
    for kind, language, template in templates:
        if kind is NoticeKind.WARNING_CHANGE:
            with speaking(language):
                said.append(_wrapped(template, change_words(warning), warning.code))
    return list(map(_plain, said))


def _shown(warning: WarningView, text: Bilingual, templates: Sequence[WordedTemplate]) -> list[str]:
    """As it reaches a resident of either language, a group, and each of these without the line with the code."""
    said = [
        warning_text(text, code, language)
        for code in (warning.code, "")
        for language in (Language.KK, Language.RU, None)
    ]
    said += [
        _wrapped(template, text.of(language), warning.code)
        for kind, language, template in templates
        if kind is NoticeKind.WARNING
    ]
    return list(map(_plain, said))


def _wrapped(template: TemplateView, words: str, code: str) -> str:
    return template.filled({"text": one_line(words), "code": code})


def _plain(text: str) -> str:
    """Messengers add marks of bold, invisible signs and spaces; words, links and numbers stay as they are."""
    return " ".join(_MARKS.sub("", text).split())


def claims_to_be_ours(text: str) -> bool:
    """It carries the line that proves our warnings, in either language, whatever code stands in it."""
    said = _plain(text).casefold()
    return any(_plain(line).casefold() in said for line in _proof_lines())


def _proof_lines() -> list[str]:
    lines = []
    for language in (Language.KK, Language.RU):
        with speaking(language):
            lines.append(_("Police warning {code}", code="").strip(" :"))
    return lines
