"""What a file of ready answers must be, looked at whole: every fault is named, with the entry it stands in."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]

STEPS = ("taken", "ask", "answer", "closed")
VARIABLES = ("number", "officer", "phone", "due")
FIELDS = {"code", "category", "step", "automatic", "title_kk", "title_ru", "kk", "ru"}
WORDS = ("title_kk", "title_ru", "kk", "ru")
CODE = re.compile(r"[a-z][a-z0-9_]{0,23}")  # it travels in a button: 64 bytes with the id of the tip
LONGEST = {"title_kk": 60, "title_ru": 60, "kk": 900, "ru": 900}
_HOLE = re.compile(r"\{([^{}]*)\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Names alone are replaced: a text from a file is never a program. What is not known stays as it is."""
    return _HOLE.sub(lambda found: facts.get(found[1], found[0]), text)


def check(entries: Sequence[object], categories: Collection[str]) -> list[str]:
    """Empty when the file may be loaded."""
    if not entries:
        return ["The file has no [[answer]]."]
    faults: list[str] = []
    codes: dict[str, int] = {}
    automatic: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, Mapping):
            faults.append(f"Entry {number}: it is not a table.")
            continue
        code = entry.get("code")
        name = f"Entry {number} ({code})" if isinstance(code, str) and code else f"Entry {number}"
        faults += [f"{name}: {fault}" for fault in _faults(entry, categories)]
        if isinstance(code, str) and codes.setdefault(code, number) != number:
            faults.append(f"{name}: entry {codes[code]} has this code already.")
        place = (str(entry.get("category", "")), str(entry.get("step")))
        if entry.get("automatic") is True and automatic.setdefault(place, number) != number:
            faults.append(f"{name}: entry {automatic[place]} is automatic for this category and step already.")
    return faults


def _faults(entry: Entry, categories: Collection[str]) -> Iterator[str]:
    for field in sorted(set(entry) - FIELDS):
        yield f"“{field}” is not a field of an answer."
    code, category, step = entry.get("code"), entry.get("category", ""), entry.get("step")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        yield "code: 1 to 24 small Latin letters, digits and _, a letter first."
    if category != "" and category not in categories:
        yield f"category: there is no category “{category}”."
    if step not in STEPS:
        yield f"step: one of {', '.join(STEPS)}."
    if not isinstance(entry.get("automatic", False), bool):
        yield "automatic: true or false."
    elif entry.get("automatic") and step != "taken":
        yield "automatic: only at the step taken."
    yield from _faults_of_words(entry)


def _faults_of_words(entry: Entry) -> Iterator[str]:
    for field in WORDS:
        text = entry.get(field)
        if not isinstance(text, str) or not text.strip():
            yield f"{field}: it is missing."
        elif len(text) > LONGEST[field]:
            yield f"{field}: {len(text)} characters, at most {LONGEST[field]} fit."
    found = {language: _variables(entry.get(language)) for language in ("kk", "ru")}
    for language, names in found.items():
        for name in sorted(names - set(VARIABLES)):
            yield f"{language}: there is no variable {{{name}}}; there are {_listed(VARIABLES)}."
    if found["kk"] != found["ru"]:
        yield f"the languages differ: kk has {_listed(found['kk'])}, ru has {_listed(found['ru'])}."
    for language in ("kk", "ru"):
        text = entry.get(language)
        if isinstance(text, str) and re.search(r"[{}]", _HOLE.sub("", text)):
            yield f"{language}: a brace stands alone."


def _variables(text: object) -> set[str]:
    return set(_HOLE.findall(text)) if isinstance(text, str) else set()


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
