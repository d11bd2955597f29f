"""What a switch would change, before anybody makes it: pure comparison of two editions."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import cos, radians
from typing import Any

from bot.addresses import read_numbers
from bot.geo import METRES_PER_DEGREE
from bot.i18n import Bilingual
from bot.services.territory.editions import Edition, Live, TipNow
from bot.services.territory.placing import Back, ChatPlan, Placing, Why, incoming_of, plan_chats
from bot.services.territory_files import HouseEntry
from bot.terms import Role

TREMBLE = 50.0
"""Square metres: less is the drawing hand's, not a change of the border."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    REDRAWN = "redrawn"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class PrecinctChange:
    """Square metres that came and went."""

    code: str
    name: Bilingual
    change: Change
    gained: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class HousesMove:
    """Houses of one street that go from one precinct to another; None: in no list."""

    street: Bilingual
    houses: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TipElsewhere:
    """An open tip whose place would lie elsewhere. It keeps the precinct it was given."""

    number: int
    before: str | None
    after: str | None
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PostChange:
    badge: str
    name: Bilingual
    before: tuple[tuple[str, str], ...]  # role, code of the precinct or desk
    after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EditionView:
    generation_id: int | None
    source: str
    at: datetime | None
    precincts: int
    house_rows: int


@dataclass(frozen=True, slots=True)
class Comparison:
    before: EditionView
    after: EditionView
    precincts: tuple[PrecinctChange, ...]
    houses: tuple[HousesMove, ...]
    chats: tuple[ChatPlan, ...]  # moved, unbound, new, and those a hand has bound in the meantime
    tips: tuple[TipElsewhere, ...]
    posts: tuple[PostChange, ...]
    without_inspector: tuple[str, ...]
    residents_asked: int
    residents_settled: int = 0  # on the way back: would have their own precinct again

    @property
    def houses_moved(self) -> int:
        return sum(len(move.houses) for move in self.houses if move.before and move.after)

    @property
    def is_empty(self) -> bool:
        lists = (self.precincts, self.houses, self.chats, self.tips, self.posts)
        return not (any(lists) or self.residents_asked or self.residents_settled)


def compare(before: Edition, after: Edition, live: Live) -> Comparison:
    """Seconds for a region: in a thread where others wait."""
    posts = posts_after(after, live)
    covered = {place for held in posts.values() for role, place in held if role == Role.INSPECTOR}
    return Comparison(
        _view(before),
        _view(after),
        tuple(_precincts(before, after)),
        tuple(_houses(before.houses, after.houses)),
        tuple(_chats(after, live)),
        tuple(_tips(after, live.tips)),
        tuple(_posts(posts, after, live)),
        tuple(sorted(after.codes - covered)),
        sum(count for code, count in live.homes.items() if code not in after.codes),
        sum(count for code, count in live.former.items() if after.left_at and code in after.codes),
    )


def _view(edition: Edition) -> EditionView:
    return EditionView(edition.generation_id, edition.source, edition.at, len(edition.borders), len(edition.houses))


def _precincts(before: Edition, after: Edition) -> Iterator[PrecinctChange]:
    """A new precinct gains all it has, one that goes loses it."""
    nothing = Bilingual("", "")
    for code in sorted(before.codes | after.codes):
        name = after.names.get(code) or before.names.get(code, nothing)
        if code not in after.borders:
            yield PrecinctChange(code, name, Change.REMOVED, lost=shape_of(before.borders[code]).area)
        elif code not in before.borders:
            yield PrecinctChange(code, name, Change.ADDED, gained=shape_of(after.borders[code]).area)
        else:
            gained = lost = 0.0
            if before.borders[code] != after.borders[code]:
                old, new = shape_of(before.borders[code]), shape_of(after.borders[code])
                gained, lost = new.difference(old).area, old.difference(new).area
            if max(gained, lost) > TREMBLE:
                yield PrecinctChange(code, name, Change.REDRAWN, gained, lost)
            elif _title(before, code) != _title(after, code):
                yield PrecinctChange(code, name, Change.RENAMED)


def _title(edition: Edition, code: str) -> tuple[Bilingual | None, str | None]:
    return edition.names.get(code), edition.districts.get(code)


def shape_of(polygons: str) -> Any:
    """In metres of this latitude: areas are right to a percent."""
    import shapely

    parts = json.loads(polygons)
    latitude = parts[0][0][0][1]
    across, up = METRES_PER_DEGREE * cos(radians(round(latitude))), METRES_PER_DEGREE
    shape = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
    return shapely.transform(shape, lambda points: points * (across, up))


def _houses(before: Iterable[HouseEntry], after: Iterable[HouseEntry]) -> Iterator[HousesMove]:
    """Only rows that differ are taken apart into houses."""
    old_rows, new_rows = set(before), set(after)
    old, new = _by_house(old_rows - new_rows), _by_house(new_rows - old_rows)
    moves: dict[tuple[str, str, str | None, str | None], list[Any]] = defaultdict(list)
    for place in old.keys() | new.keys():
        (street_kk, street_ru), house = place
        if old.get(place) != new.get(place):
            moves[street_kk, street_ru, old.get(place), new.get(place)].append(house)
    for (kk, ru, left, came), houses in sorted(moves.items(), key=lambda pair: tuple(word or "" for word in pair[0])):
        yield HousesMove(Bilingual(kk, ru), tuple(str(house) for house in sorted(houses)), left, came)


def _by_house(rows: Iterable[HouseEntry]) -> dict[tuple[tuple[str, str], Any], str]:
    return {
        ((_in(row.settlement_kk, row.street_kk), _in(row.settlement_ru, row.street_ru)), house): row.precinct
        for row in rows
        for house in read_numbers(row.numbers).each()
    }


def _in(settlement: str, street: str) -> str:
    return f"{settlement}, {street}" if settlement not in ("", street) else street


def _chats(after: Edition, live: Live) -> Iterator[ChatPlan]:
    back = Back(after.left_at, live.listed, live.loosened) if after.left_at else None
    needs_places = any(chat.point or chat.place for chat in live.chats)
    placing = Placing(after.survey if needs_places else None)
    for plan in plan_chats(live.chats, incoming_of(after.lists.get("chats", ()), after.codes, placing, back)):
        if plan.id is None or plan.is_moved or plan.why is Why.HAND:
            yield plan


def _tips(after: Edition, tips: Iterable[TipNow]) -> Iterator[TipElsewhere]:
    for tip in tips:
        if tip.point is not None:
            place = after.survey.near(*tip.point).precinct
        elif tip.address and (match := after.survey.of_address(tip.address)) is not None:
            place = match.precinct
        else:
            place = tip.precinct if tip.precinct in after.codes else None
        if place != tip.precinct:
            yield TipElsewhere(tip.number, tip.precinct, place, tip.point)


def posts_after(after: Edition, live: Live) -> dict[str, tuple[tuple[str, str], ...]]:
    """Posts by badge as an activation leaves them."""
    posts = {badge: _held(held) for badge, held in live.posts.items()}
    listed = after.lists.get("officers", {})
    if after.left_at is not None:
        posts |= {badge: () for badge in live.arrived if badge in posts}
    return posts | {badge: _held(entry["posts"]) for badge, entry in listed.items()}


def _held(posts: Iterable[Iterable[str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((role or "", precinct or desk or "") for role, precinct, desk in posts))


def _posts(posts: dict[str, tuple[tuple[str, str], ...]], after: Edition, live: Live) -> Iterator[PostChange]:
    cards = after.lists.get("officers", {})
    for badge, held in sorted(posts.items()):
        before = _held(live.posts.get(badge, ()))
        if before != held:
            card = cards.get(badge, {}).get("card", {})
            name = live.officers.get(badge) or Bilingual(card.get("name_kk", ""), card.get("name_ru", ""))
            yield PostChange(badge, name, before, held)
