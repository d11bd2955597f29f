"""Spellings of an address made by rules from a register, as people write it. Seeded: the same ones every time.

`python -m tests.addresses.spellings` prints those that did not find their house.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.addresses import TOWN
from bot.addresses import AddressBook, HouseRow, Match, read_numbers
from tests.addresses.register import trap_register

_KAZAKH = str.maketrans("әіңғүұқөһӘІҢҒҮҰҚӨҺ", "аингуукохАИНГУУКОХ")
_BASE = dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)) | {"ъ": "", "ь": "", "ё": "yo", "э": "e"}
_FOLK = _BASE | {
    "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y", "ю": "yu", "я": "ya",
    "ә": "a", "і": "i", "ң": "n", "ғ": "g", "ү": "u", "ұ": "u", "қ": "k", "ө": "o", "һ": "h",
}  # fmt: skip
_HASTY = _FOLK | {
    "ж": "j",
    "й": "i",
    "х": "h",
    "щ": "sh",
    "ю": "iu",
    "я": "ia",
    "ё": "e",
    "ң": "ng",
    "қ": "q",
    "ғ": "gh",
}
_STATE = _FOLK | {  # the Kazakh Latin alphabet
    "ә": "ä", "і": "ı", "ң": "ñ", "ғ": "ğ", "ү": "ü", "ұ": "ū", "қ": "q", "ө": "ö", "ш": "ş", "ж": "j", "х": "h", "ы": "y",
    "й": "i",
}  # fmt: skip
_KINDS = {
    "шағын ауданы": ("ш.а.", "ш. а.", "ша", "мкр"), "шағын аудан": ("ш.а.", "мкр", "ы/а"),
    "көшесі": ("көш.", "көш", "к-сі", "көше"), "даңғылы": ("даң.", "даңғыл"), "тұйығы": ("тұй.", "тұйық"),
    "микрорайон": ("мкр", "мкр.", "м-н", "мкрн"), "улица": ("ул.", "ул", "у."), "проспект": ("пр.", "пр-т", "просп."),
    "переулок": ("пер.", "пер"), "тұрғын үй кешені": ("ТҮК", "ТК"), "жилой комплекс": ("ЖК",),
}  # fmt: skip
_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True, slots=True)
class Spelling:
    text: str
    row: HouseRow
    house: str
    rules: str


def _kind_of(name: str) -> str:
    return next((kind for kind in _KINDS if kind in name), "")


def abbreviated(name: str, chance: random.Random) -> str:
    kind = _kind_of(name)
    return name.replace(kind, chance.choice(_KINDS[kind])) if kind else name


def without_kind(name: str, _chance: random.Random) -> str:
    """A lane or an avenue keeps its word: without it people mean the street of that name."""
    kind = _kind_of(name)
    if kind not in ("көшесі", "улица", "тұрғын үй кешені"):
        return name
    bare = " ".join(name.replace(kind, " ").split()) if kind else name
    return bare if re.search(r"[^\W\d_]{3}", bare) else name  # «12» alone names nothing


def without_kazakh_letters(name: str, _chance: random.Random) -> str:
    return name.translate(_KAZAKH)


def without_dots(name: str, _chance: random.Random) -> str:
    return name.translate(str.maketrans("ёЁэ", "еЕэ"))


def _latin(name: str, table: dict[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in name.casefold())


def in_folk_latin(name: str, _chance: random.Random) -> str:
    return _latin(name, _FOLK)


def in_hasty_latin(name: str, _chance: random.Random) -> str:
    return _latin(name, _HASTY)


def in_state_latin(name: str, _chance: random.Random) -> str:
    return _latin(name, _STATE)


def kind_elsewhere(name: str, _chance: random.Random) -> str:
    words = name.split()
    kind = _kind_of(name)
    if not kind:
        return name
    rest = name.replace(kind, " ").split()
    return " ".join([*rest, kind] if name.startswith(kind) else [kind, *rest]) if rest else " ".join(words)


def other_case(name: str, chance: random.Random) -> str:
    return chance.choice([name.upper(), name.lower()])


def one_slip(name: str, chance: random.Random) -> str:
    """One letter of the name left out, doubled, swapped with the next or hit beside its key."""
    kind = _kind_of(name)
    inside = range(name.find(kind), name.find(kind) + len(kind)) if kind else range(0)
    places = [i for i, letter in enumerate(name) if letter.isalpha() and i not in inside]
    places = [i for i in places if name[max(0, i - 1) : i].isalpha() or name[i + 1 : i + 2].isalpha()]
    if not places:
        return name
    at = chance.choice(places)
    letter, after = name[at], name[at + 1 : at + 2]
    ways = [name[:at] + name[at + 1 :], name[:at] + letter + name[at:]]
    if after.isalpha() and after != letter:
        ways.append(name[:at] + after + letter + name[at + 2 :])
    beside = [row[i + step] for row in _ROWS for i, key in enumerate(row)
              if key == letter.casefold() for step in (-1, 1) if 0 <= i + step < len(row)]  # fmt: skip
    ways += [name[:at] + other + name[at + 1 :] for other in beside]
    return chance.choice(ways)


FORM: Sequence[Callable[[str, random.Random], str]] = (abbreviated, without_kind, kind_elsewhere)
SCRIPT: Sequence[Callable[[str, random.Random], str]] = (
    without_kazakh_letters, without_dots, in_folk_latin, in_hasty_latin, in_state_latin, other_case,
)  # fmt: skip


def with_house(name: str, house: str, chance: random.Random) -> str:
    number = chance.choice([house, house, house.lower(), house.replace(" к", "к"), house.replace(" к", " корпус ")])
    ways = [
        f"{name}, {number}", f"{name} {number}", f"{name}, д. {number}", f"{name} {number} үй", f"{name} дом {number}",
        f"{number}, {name}", f"{name}, {number}, кв. {chance.randrange(1, 90)}",
        f"{name} {number}, {chance.randrange(1, 90)} пәтер", f"{name}, {number}, подъезд 2, этаж 5",
        f"{TOWN[0]} қ., {name}, {number}", f"г. {TOWN[1]}, {name} {number}", f"{name} {number}, {TOWN[1]}",
    ]  # fmt: skip
    return chance.choice(ways)


_PLACES = {"ауылы": ("ауылы", "ауыл", "а.", "аулы"), "қаласы": ("қаласы", "қала", "қ."), "кенті": ("кенті", "кент"),
           "село": ("село", "с."), "с.": ("с.", "село"), "посёлок": ("посёлок", "пос.", "п.", "поселок"), "город": ("город", "г."),
           "аул": ("аул", "а.")}  # fmt: skip


def named_place(kk: str, ru: str, chance: random.Random) -> str:
    """A settlement as people write it; what tells two of one name apart stays."""
    name = re.sub(r" \(.*?\)", "", chance.choice([kk, ru]))
    for word in name.split():
        if word in _PLACES:
            keeps = chance.random() < 0.7 or "Абай" in name
            name = name.replace(word, chance.choice(_PLACES[word]) if keeps else "", 1)
    name = " ".join(name.split())
    if chance.random() < 0.4:
        name = chance.choice(SCRIPT)(name, chance)
    return name


def in_villages(rows: Sequence[HouseRow], seed: int, how_many: int = 300) -> list[Spelling]:
    """Addresses that name the town or the village, a third of these with a slip in its name."""
    chance = random.Random(seed)
    made = []
    villages = [row for row in rows if row.settlement_kk]
    for _each in range(how_many):
        row = chance.choice(villages)
        name = chance.choice([row.street_kk, row.street_ru])
        rules = [chance.choice(FORM)] if chance.random() < 0.5 else []
        rules += [chance.choice(SCRIPT)] if chance.random() < 0.5 else []
        rules += [one_slip] if chance.random() < 0.15 else []
        for rule in rules:
            name = rule(name, chance)
        place = named_place(row.settlement_kk, row.settlement_ru, chance)
        if chance.random() < 0.15:
            place, rules = one_slip(place, chance), [*rules, named_slip]
        house = str(chance.choice(list(read_numbers(row.numbers).each())))
        number = chance.choice([house, house, f"д. {house}", f"{house} үй"])
        text = chance.choice([
            f"{place}, {name}, {number}", f"{place}, {name} {number}", f"{place} {name} {number}",
            f"{name} {number}, {place}", f"{name}, {number}, {place}", f"{name} {number} {place}",
            f"Қарағанды облысы, {place}, {name}, {number}", f"{name} {number}, {place}, кв. 3",
        ])  # fmt: skip
        if "(" in row.settlement_kk:
            district = chance.choice([row.settlement_kk, row.settlement_ru]).partition("(")[2].strip(")")
            text = f"{district}, {text}"
        made.append(Spelling(text, row, house, ", ".join(rule.__name__ for rule in rules) or "as listed"))
    return made


def named_slip(name: str, _chance: random.Random) -> str:
    """Marks a settlement's name that is misspelt."""
    return name


def spellings(rows: Sequence[HouseRow], seed: int, how_many: int = 300) -> list[Spelling]:
    chance = random.Random(seed)
    made = []
    for _each in range(how_many):
        row = chance.choice(rows)
        complex_names = [name for name in (f"«{row.complex_kk}» ТҮК", f"ЖК {row.complex_ru}") if row.complex_kk]
        names = [row.street_kk, row.street_ru, row.old_name_kk, row.old_name_ru]
        is_complex = bool(row.complex_kk) and chance.random() < 0.6
        name = chance.choice([name for name in (complex_names if is_complex else names) if name])
        house = str(chance.choice(list(read_numbers(row.numbers).each())))
        rules = [chance.choice(FORM)] if chance.random() < 0.7 else []
        rules += [chance.choice(SCRIPT)] if chance.random() < 0.7 else []
        rules += [one_slip] if chance.random() < 0.4 else []
        for rule in rules:
            name = rule(name, chance)
        text = with_house(name, house, chance)
        made.append(Spelling(text, row, house, ", ".join(rule.__name__ for rule in rules) or "as listed"))
    return made


def is_right(match: Match, spelling: Spelling) -> bool:
    """The house itself, under its street's name or its complex's."""
    kk, ru = spelling.row.complex_kk, spelling.row.complex_ru
    is_street = (match.street_kk, match.street_ru) == (spelling.row.street_kk, spelling.row.street_ru)
    is_complex = bool(kk) and kk in match.street_kk and ru in match.street_ru
    is_here = match.precinct == spelling.row.precinct and match.house == spelling.house
    own = not spelling.row.settlement_kk and match.settlement_kk in ("", TOWN[0])
    is_there = own or (match.settlement_kk, match.settlement_ru) == (
        spelling.row.settlement_kk, spelling.row.settlement_ru)  # fmt: skip
    return is_here and is_there and (is_street or is_complex)


@dataclass(slots=True)
class Outcome:
    missed: list[tuple[Spelling, list[Match]]]
    wrong: list[tuple[Spelling, Match]]
    certain: int
    total: int


def tried(book: AddressBook, made: Iterable[Spelling]) -> Outcome:
    outcome = Outcome([], [], 0, 0)
    for spelling in made:
        matches = book.find(spelling.text)
        right = [is_right(match, spelling) for match in matches]
        outcome.total += 1
        outcome.certain += any(match.certain for match in matches)
        if not right or not right[0]:
            outcome.missed.append((spelling, matches[:3]))
        outcome.wrong += [(spelling, m) for m, good in zip(matches, right, strict=True) if m.certain and not good]
    return outcome


def told(outcome: Outcome) -> str:
    lines = [
        f"right first {outcome.total - len(outcome.missed)} of {outcome.total}, certain {outcome.certain},"
        f" certain and wrong {len(outcome.wrong)}"
    ]
    for what, found in (("MISSED", outcome.missed), ("WRONG", [(s, [m]) for s, m in outcome.wrong])):
        for spelling, matches in found:
            heard = "; ".join(f"{m.precinct} {m.street_ru} {m.house} {m.score:.0f}{'!' * m.certain}" for m in matches)
            row = spelling.row
            asked = f"{row.precinct} {row.street_ru} {spelling.house}"
            lines.append(f"{what} {spelling.text!r} [{spelling.rules}] is {asked}: {heard}")
    return "\n".join(lines)


if __name__ == "__main__":
    everywhere = trap_register()
    here = AddressBook(everywhere, ignored=TOWN)
    print(len({(row.street_kk, row.street_ru) for row in everywhere}), "streets")
    for number in range(1, 11):
        outcome = tried(here, spellings(everywhere, number))
        print(told(outcome))
        print(Counter(rule for s, _ in outcome.missed for rule in s.rules.split(", ")).most_common())
