"""Weighing: every phrase of suggest.toml that stands in the words counts once for its category."""

from dataclasses import dataclass, field
from functools import cache, lru_cache

from bot.danger import danger_in, dangers_in, is_now
from bot.data import load
from bot.patterns import REMEMBERED_TEXTS, Lexicon, Said, Table
from bot.terms import Urgency

SHOWN = 3  # categories offered before all others
BESIDE = "beside"  # the level of everyday words: they decide nothing alone
DANGER_CATEGORY = "emergency_life"
OF_DANGER = {
    "bomb": "dangerous_object", "weapon": "assault", "violence": "assault", "child": "child_danger",
    "fire": "fire_gas", "gas": "fire_gas", "suicide": "emergency_life", "medical": "emergency_life",
    "missing": "missing_person", "road": "traffic",
}  # fmt: skip
DESPAIR, SEXUAL = "suicide", "sexual_violence"
BETWEEN_PEOPLE = ("child", "violence", "weapon", "break_in", "help")  # groups of danger.toml


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Codes of categories, the likeliest first; the urgency is that of the first one at this moment."""

    categories: tuple[str, ...] = ()
    urgency: Urgency | None = None

    @property
    def first(self) -> str:
        return self.categories[0] if self.categories else ""


@dataclass(slots=True)
class _Weighed:
    """What the phrases say: the weight of each category, those that are spoken of, those that are said for sure."""

    scores: dict[str, int] = field(default_factory=dict)
    spoken: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


@lru_cache(maxsize=REMEMBERED_TEXTS)
def suggest(text: str) -> Suggestion:
    """Of what the words speak; nothing where they speak of nothing known. U0 only where danger is heard in them."""
    book, danger, weighed = _book(), danger_in(text), _weigh(text)
    scores, spoken = weighed.scores, weighed.spoken
    if danger is not None and (heard := OF_DANGER.get(danger.group)):
        scores[heard] = scores.get(heard, 0) + book.heard
        spoken.add(heard)
    found = [code for code in book.order if scores.get(code, 0) > 0] if spoken else []
    found.sort(key=lambda code: (-scores[code], code not in spoken))
    found = _beside_the_first(found, weighed) if found else found
    if danger is not None and (discreet := discreet_danger(text, danger.group)):
        found = [discreet, *(code for code in found if code != discreet)]
    if danger is not None and (likely := OF_DANGER.get(danger.group, DANGER_CATEGORY)) not in found[:SHOWN]:
        found.insert(SHOWN - 1, likely)
    if not found:
        return Suggestion((), Urgency.U0 if danger else None)
    now = is_now(text)
    urgency = Urgency.U0 if danger else urgency_of(found[0], is_now=now)
    if urgency is Urgency.U0 and not danger and not now:
        urgency = Urgency.U1  # of a grave kind, but nothing in the words says that it is going on
    return Suggestion(tuple(found[:SHOWN]), urgency)


def _weigh(text: str) -> _Weighed:
    book, weighed, everyday = _book(), _Weighed(), dict[str, set[int]]()
    said = Said(text, book.lexicon)
    for (category, weight, is_beside), pattern in book.phrases.possible(said.filled):
        hit = next(said.hits(pattern), None)
        if hit is None:
            continue
        weighed.scores[category] = weighed.scores.get(category, 0) + weight
        if is_beside:
            everyday.setdefault(category, set()).update(hit[2])
        elif weight > 0:
            weighed.spoken.add(category)
            if weight >= book.sure:
                weighed.told.add(category)
    weighed.spoken.update(code for code, places in everyday.items() if len(places) > 1)  # one such word decides nothing
    return weighed


def _beside_the_first(found: list[str], weighed: _Weighed) -> list[str]:
    """Beside a first one that is said plainly everyday words name nothing.

    What nobody may read over a shoulder is named beside an open matter only where the words say it themselves; behind
    a first one of its kind whether it is safe was asked."""
    first, kinds = found[0], _categories()
    is_plain, is_discreet = weighed.scores[first] >= _book().sure, kinds[first].get("discreet")
    named = [code for code in found if code in weighed.told or is_discreet or not kinds[code].get("discreet")]
    return [first, *(code for code in named if code != first and (code in weighed.spoken or not is_plain))]


def discreet_danger(text: str, group: str) -> str:
    """The category of a present danger at home, to a child or of a sexual kind: of it no push may tell. Empty: none.

    `group` is that of danger.toml. Where it is not about what one person does to another the words mean nothing; talk
    of suicide is of such a kind where the words tell beside it what was done to somebody."""
    if group == DESPAIR:
        return _beside_despair(text)
    if group not in BETWEEN_PEOPLE:
        return ""
    book, child = _book(), OF_DANGER["child"]
    said = Said(text, book.lexicon)
    spoken = {code for code, pattern in book.discreet.possible(said.filled) if said.has(pattern)}
    if group == "child" and SEXUAL in spoken:
        return child
    found = next((code for code in book.discreet_order if code in spoken), "")
    return found or (child if group == "child" else "")


def _beside_despair(text: str) -> str:
    beside = (discreet_danger(text, danger.group) for danger in dangers_in(text) if danger.group != DESPAIR)
    weighed = _weigh(text)
    told = {code for code in weighed.told if weighed.scores[code] >= _book().sure}
    return next(filter(None, beside), "") or next((code for code in _book().discreet_order if code in told), "")


def urgency_of(category: str, *, is_now: bool = False) -> Urgency | None:
    """What categories.toml says of it, also for what is going on at this moment; None: a row of the staff's own."""
    facts = _categories().get(category)
    if facts is None:
        return None
    return Urgency(facts.get("urgency_now", facts["urgency"]) if is_now else facts["urgency"])


@cache
def _categories() -> dict[str, dict[str, str]]:
    return {item["code"]: item for item in load("categories")["category"]}


@dataclass(frozen=True, slots=True)
class _Book:
    """suggest.toml, read once."""

    lexicon: Lexicon
    phrases: Table[tuple[str, int, bool]]  # category, weight, whether it only adds to what is found
    sure: int  # what a phrase weighs that says its category by itself
    heard: int  # what words of danger weigh for the category of their group
    order: tuple[str, ...]
    discreet: Table[str]
    discreet_order: tuple[str, ...]


@cache
def _book() -> _Book:
    data = load("suggest")
    lexicon = Lexicon("suggest.toml", data["sets"])
    phrases = [
        ((category, data["weights"][weight], weight == BESIDE), line)
        for category, facts in data["category"].items()
        for weight, lines in facts.items()
        for line in lines
    ]
    discreet = [(code, line) for code, lines in data["discreet"].items() for line in lines]
    return _Book(
        lexicon,
        lexicon.table(phrases),
        data["weights"]["sure"],
        data["weights"]["heard"],
        tuple(data["category"]),
        lexicon.table(discreet),
        tuple(data["discreet"]),
    )
