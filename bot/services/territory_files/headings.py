"""Names of lists, columns and words as departments write them, in Kazakh, in Russian or as in code."""

import re
from collections import defaultdict
from functools import cache

from bot.data import load

LISTS = ("houses", "desks", "officers", "chats", "residents", "absences", "watches", "calendar", "week")
UNREAD = "-"
"""What a column is called that people keep for themselves."""
_MARKS = re.compile(r"[.*:«»\"\s]+")


def folded(text: str) -> str:
    """What two spellings of one heading share: no case, no dots and stars, single spaces, «е» for «ё»."""
    return _MARKS.sub(" ", text.casefold().replace("ё", "е")).strip()


@cache
def _lists() -> dict[str, str]:
    said = {folded(name): code for code, names in load("headings")["lists"].items() for name in names}
    return said | {code: code for code in LISTS}


def list_of(name: str) -> str | None:
    """The list a file or a sheet of this name holds."""
    return _lists().get(folded(name))


@cache
def _codes() -> dict[str, list[str]]:
    """One name may mean several columns: of which list it stands in decides."""
    facts = load("headings")
    found: dict[str, list[str]] = defaultdict(list)
    for code, names in facts["columns"].items():
        for name in names:
            found[folded(name)].append(code)
    for stem, names in facts["pairs"].items():
        for name in names:
            for language in ("kk", "ru"):
                found[f"{folded(name)} ({language})"].append(f"{stem}_{language}")
    for name in facts["unread"]["names"]:
        found[folded(name)].append(UNREAD)
    return found


@cache
def _language_mark() -> re.Pattern[str]:
    marks = {folded(mark): code for code, words in load("headings")["languages"].items() for mark in words}
    either = "|".join(sorted(map(re.escape, marks), key=len, reverse=True))
    return re.compile(rf"^(?P<name>.+?)[\s,;/–—-]*(?:\(\s*(?P<inside>{either})\s*\)|\s(?P<behind>{either}))$")


@cache
def _language_of() -> dict[str, str]:
    return {folded(mark): code for code, words in load("headings")["languages"].items() for mark in words}


def column_of(heading: str, columns: frozenset[str]) -> str | None:
    """Which of a list's columns a heading names, UNREAD for people's own notes, None for an unknown one."""
    name = folded(heading)
    if name in columns:
        return name
    if match := _language_mark().match(name):
        name = f"{match['name']} ({_language_of()[match['inside'] or match['behind']]})"
    meant = _codes().get(name, [])
    return next((code for code in meant if code in columns or code == UNREAD), None)


@cache
def _words(kind: str) -> dict[str, str]:
    return {folded(word): code for code, words in load("headings")["words"].get(kind, {}).items() for word in words}


def word_of(kind: str, said: str) -> str:
    """The name in code of a word people write («отпуск» → leave); any other text as it is, folded."""
    name = folded(said)
    return _words(kind).get(name, name)


@cache
def yes_and_no() -> tuple[frozenset[str], frozenset[str]]:
    words = load("headings")["words"]
    return frozenset(words["yes"]["said"]), frozenset(words["no"]["said"])
