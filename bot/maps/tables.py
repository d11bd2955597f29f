"""A comparison as tables: the same rows for the terminal, in one language, and for the page, in both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import N_
from bot.i18n import Bilingual, _, number, speaking
from bot.services.territory import WHY, Change, Comparison, HousesMove, PostChange
from bot.services.territory.comparing import TREMBLE
from bot.terms import Language, Role

SHOWN = 200
"""Rows of one table; how many there are stands in its title."""

CHANGES = {
    Change.ADDED: N_("new"),
    Change.REMOVED: N_("gone"),
    Change.REDRAWN: N_("redrawn"),
    Change.RENAMED: N_("renamed"),
}
POSTS = {
    Role.INSPECTOR: N_("precinct inspector"),
    Role.DESK: N_("desk officer"),
    Role.DUTY: N_("duty officer"),
    Role.OWN_SECURITY: N_("own security"),
    Role.STAFF: N_("staff"),
    Role.HEAD: N_("head"),
    Role.ADMIN: N_("administrator"),
}


def in_both(msgid: str, **facts: Any) -> Bilingual:
    words = []
    for language in (Language.KK, Language.RU):
        with speaking(language):
            words.append(_(msgid, **facts))
    return Bilingual(*words)


Cell = str | Bilingual


@dataclass(frozen=True, slots=True)
class Section:
    """`count` is of all rows, `rows` are at most SHOWN."""

    title: Bilingual
    head: tuple[Bilingual, ...]
    rows: tuple[tuple[Cell, ...], ...]
    count: int


def sections(comparison: Comparison) -> list[Section]:
    """Tables that have rows."""
    return [section for section in _all(comparison) if section.count]


def _all(comparison: Comparison) -> Iterator[Section]:
    yield _section(
        N_("Precincts"),
        (N_("Code"), N_("Name"), N_("What changes"), N_("Came, km²"), N_("Went, km²")),
        [
            (one.code, one.name, in_both(CHANGES[one.change]), _area(one.gained), _area(one.lost))
            for one in comparison.precincts
        ],
    )
    yield _section(
        N_("Chats"),
        (N_("Chat"), N_("Now"), N_("Will be"), N_("Why")),
        [
            (one.title, one.before or "—", one.precinct or "—", in_both(N_("new") if one.id is None else WHY[one.why]))
            for one in comparison.chats
        ],
    )
    yield _section(
        N_("Open tips whose place would lie elsewhere; they keep their precinct"),
        (N_("No."), N_("Now"), N_("Would be")),
        [(str(one.number), one.before or "—", one.after or "—") for one in comparison.tips],
    )
    yield _section(
        N_("Posts"),
        (N_("Badge"), N_("Name"), N_("Now"), N_("Will be")),
        [(one.badge, one.name, *_posts(one)) for one in comparison.posts],
    )
    yield _section(
        N_("Houses"),
        (N_("Street"), N_("Houses"), N_("Now"), N_("Will be")),
        [(one.street, _houses(one), one.before or "—", one.after or "—") for one in comparison.houses],
    )
    yield _section(
        N_("Precincts without an inspector"), (N_("Code"),), [(code,) for code in comparison.without_inspector]
    )


def _section(title: str, head: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> Section:
    return Section(in_both(title), tuple(in_both(name) for name in head), tuple(rows[:SHOWN]), len(rows))


def _area(square_metres: float) -> str:
    if square_metres < TREMBLE:
        return "—"
    return number(round(square_metres / 1e6, 2 if square_metres > 1e5 else 4))


def _houses(move: HousesMove, most: int = 12) -> str:
    """«1–32, 35, 35А»: neighbours in the row are one run."""
    runs: list[list[str]] = []
    for house in move.houses:
        if runs and house.isdecimal() and runs[-1][-1].isdecimal() and int(house) == int(runs[-1][-1]) + 1:
            runs[-1].append(house)
        else:
            runs.append([house])
    words = [", ".join(run) if len(run) < 3 else f"{run[0]}–{run[-1]}" for run in runs]
    return ", ".join(words[:most]) + (f" … ({len(move.houses)})" if len(words) > most else "")


def _posts(change: PostChange) -> tuple[Bilingual, Bilingual]:
    return _held(change.before), _held(change.after)


def _held(posts: Sequence[tuple[str, str]]) -> Bilingual:
    words = [
        (in_both(POSTS[Role(role)]) if role in set(Role) else Bilingual(role, role), place) for role, place in posts
    ]
    kk, ru = (", ".join(f"{word.of(lang)} {place}".strip() for word, place in words) for lang in Language)
    return Bilingual(kk or "—", ru or "—")


def text_lines(comparison: Comparison) -> Iterator[str]:
    """For a terminal, in the language spoken now."""
    before, after = comparison.before, comparison.after
    yield _(
        "Precincts: {before} now, {after} then. House rows: {houses_before} now, {houses_after} then.",
        before=before.precincts, after=after.precincts,
        houses_before=before.house_rows, houses_after=after.house_rows,
    )  # fmt: skip
    yield _(
        "Houses that move: {houses}. Chats that move: {chats}, unbound: {unbound}. Open tips that would lie elsewhere:"
        " {tips}. Residents asked for their precinct again: {residents}.",
        houses=comparison.houses_moved,
        chats=sum(plan.is_moved for plan in comparison.chats),
        unbound=sum(plan.is_moved and plan.precinct is None for plan in comparison.chats),
        tips=len(comparison.tips),
        residents=comparison.residents_asked,
    )
    if comparison.residents_settled:
        yield _("Residents who have their own precinct again: {residents}.", residents=comparison.residents_settled)
    if comparison.is_empty:
        yield _("Nothing would change.")
    for section in sections(comparison):
        yield ""
        yield f"{section.title} ({section.count})"
        rows = [tuple(map(str, section.head)), *(tuple(map(str, row)) for row in section.rows)]
        widths = [min(60, max(len(row[column]) for row in rows)) for column in range(len(section.head))]
        for row in rows:
            yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if section.count > len(section.rows):
            yield "  …"
