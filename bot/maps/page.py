"""One page that needs nothing but itself: no script, no network, both languages."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from bot.errors import N_
from bot.i18n import Bilingual
from bot.maps.drawing import MANY, Mark, Picture, Sheet, flows, labels, near, path, shapes_of
from bot.maps.tables import Section, in_both, sections
from bot.services.territory import Change, Comparison, Edition

HUES = 6


@cache
def _template() -> jinja2.Template:
    folder = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=folder, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("page.html")


def comparison_page(comparison: Comparison, before: Edition, after: Edition) -> str:
    """Both sets of borders, what changes between them, moved chats and tips, and the tables beside."""
    picture = _compared(comparison, before, after)
    legend = [
        ("before", in_both(N_("borders now"))),
        ("after", in_both(N_("borders then"))),
        ("moved", in_both(N_("goes to another precinct"))),
        ("uncovered", in_both(N_("belongs to nobody then"))),
        ("relisted", in_both(N_("houses go from one precinct to another in the lists"))),
        ("flow", in_both(N_("how many houses, from where to where"))),
        ("chat", in_both(N_("chat that moves"))),
        ("tip", in_both(N_("open tip whose place would lie elsewhere"))),
    ]
    title = in_both(N_("Territory: what would change"))
    lead = [_figures(comparison)]
    if not picture.relisted:
        legend = [item for item in legend if item[0] not in ("relisted", "flow")]
    if picture.is_part:
        lead.append(in_both(N_("Only the precincts that change and their neighbours are drawn.")))
    if comparison.is_empty:
        lead.append(in_both(N_("Nothing would change.")))
    return _page(title, lead, picture, legend, sections(comparison))


def territory_page(edition: Edition, department: Bilingual | None = None) -> str:
    """The borders as they are, with the districts in colours and the names beside."""
    shapes = shapes_of(edition.borders)
    sheet = Sheet(shapes.values())
    flat = {code: sheet.flat(shape) for code, shape in shapes.items()}
    districts = sorted(set(edition.districts.values()))
    hues = {district: index % HUES for index, district in enumerate(districts)}
    picture = Picture(sheet.height, after="".join(path(shape) for shape in flat.values()), labels=labels(flat))
    for code, shape in flat.items():
        name = edition.names.get(code, Bilingual(code, code))
        fill = f"hue{hues.get(edition.districts.get(code, ''), 0)}"
        picture.fills.append((path(shape), fill, f"{code}: {name.kk} · {name.ru}"))
    rows = [
        (code, name, edition.districts.get(code, "")) for code, name in sorted(edition.names.items())
    ]  # fmt: skip
    table = Section(
        in_both(N_("Precincts")), (in_both(N_("Code")), in_both(N_("Name")), in_both(N_("District"))),
        tuple(rows[:MANY]), len(rows),
    )  # fmt: skip
    lead = [department] if department else []
    lead.append(in_both(N_("Districts: {districts}. Precincts: {precincts}. House rows: {houses}."),
                        districts=len(districts), precincts=len(flat), houses=len(edition.houses)))  # fmt: skip
    return _page(in_both(N_("Territory of the department")), lead, picture, [], [table])


def _figures(comparison: Comparison) -> Bilingual:
    return in_both(
        N_(
            "Precincts changed: {precincts}. Houses that move: {houses}. Chats that move: {chats}. Open tips that would"
            " lie elsewhere: {tips}. Residents asked for their precinct again: {residents}."
        ),
        precincts=len(comparison.precincts),
        houses=comparison.houses_moved,
        chats=sum(plan.is_moved for plan in comparison.chats),
        tips=len(comparison.tips),
        residents=comparison.residents_asked,
    )


def _compared(comparison: Comparison, before: Edition, after: Edition) -> Picture:
    import shapely

    changed = {one.code for one in comparison.precincts if one.change is not Change.RENAMED}
    moves = _house_moves(comparison)
    concerned = {code for pair in moves for code in pair}
    old, new = shapes_of(before.borders), shapes_of(after.borders)
    is_part = len(new) > MANY
    if is_part:
        old = {code: old[code] for code in near(old, changed | concerned)}
        new = {code: new[code] for code in near(new, changed | concerned)}
    chats = [(plan.point, plan.title, plan.before, plan.precinct) for plan in comparison.chats if plan.point]
    tips = [(tip.point, f"№ {tip.number}", tip.before, tip.after) for tip in comparison.tips if tip.point]
    points = [] if is_part and not (changed or concerned) else [point for point, *_rest in (*chats, *tips)]
    sheet = Sheet([*old.values(), *new.values()], points)
    flat_old = {code: sheet.flat(shape) for code, shape in old.items()}
    flat_new = {code: sheet.flat(shape) for code, shape in new.items()}
    picture = Picture(sheet.height, is_part=is_part, labels=labels(flat_new))
    picture.before = "".join(path(shape) for shape in flat_old.values())
    picture.after = "".join(path(shape) for shape in flat_new.values())
    for code in sorted(changed & flat_new.keys()):
        former = flat_old.get(code)
        gained = flat_new[code] if former is None else flat_new[code].difference(former)
        givers = sorted(
            other for other, shape in flat_old.items()
            if other != code and shape.intersects(gained) and shape.intersection(gained).area > 0.5
        ) if not is_part else []  # fmt: skip
        if drawn := path(gained, 0.2):
            picture.moved.append((drawn, f"{', '.join(givers) or '…'} → {code}"))
    lost = shapely.union_all([flat_old[code] for code in changed & flat_old.keys()])
    rest = lost.difference(shapely.union_all([shapely.buffer(shape, 0.05) for shape in flat_new.values()]))
    picture.uncovered = path(rest, 0.5)
    for code in sorted(concerned & flat_new.keys()):
        said = [f"{giver} → {taker}: {count}" for (giver, taker), count in moves.items() if code in (giver, taker)]
        picture.relisted.append((path(flat_new[code]), "; ".join(said)))
    picture.flows = flows(flat_old, flat_new, moves)
    picture.chats = list(_marks(sheet, chats))
    picture.tips = list(_marks(sheet, tips))
    return picture


def _house_moves(comparison: Comparison) -> dict[tuple[str, str], int]:
    """How many houses go from which precinct to which."""
    found: dict[tuple[str, str], int] = {}
    for move in comparison.houses:
        if move.before and move.after:
            found[move.before, move.after] = found.get((move.before, move.after), 0) + len(move.houses)
    return found


def _marks(sheet: Sheet, places: Iterable[tuple[Any, str, str | None, str | None]]) -> Iterable[Mark]:
    for point, title, before, after in places:
        yield Mark(*sheet.point(*point), f"{title}: {before or '—'} → {after or '—'}")


def _page(
    title: Bilingual,
    lead: list[Bilingual],
    picture: Picture,
    legend: list[tuple[str, Bilingual]],
    tables: list[Section],
) -> str:
    return _template().render(title=title, lead=lead, picture=picture, legend=legend, tables=tables)
