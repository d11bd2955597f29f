"""Borders as SVG paths: projected to metres, simplified to what an eye sees, light also for a whole region."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians
from typing import Any

from bot.geo import METRES_PER_DEGREE

WIDTH = 1000.0
"""Units across the picture."""
FINEST = 0.35
"""Units: a bend smaller than this is not seen."""
MANY = 1_500
"""More precincts than these are not drawn all in a comparison: only what changes and its neighbours."""
LABELLED = 160
MOST_FLOWS = 200


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with the words that belong to it."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Houses that lists give from one precinct to another: an arrow with their number beside it."""

    start: tuple[float, float]
    end: tuple[float, float]
    label: Label
    title: str


@dataclass(slots=True)
class Picture:
    """Paths are the `d` of SVG; `height` in units of WIDTH."""

    height: float
    before: str = ""
    after: str = ""
    fills: list[tuple[str, str, str]] = field(default_factory=list)  # d, class, title
    moved: list[tuple[str, str]] = field(default_factory=list)  # d, title
    uncovered: str = ""
    relisted: list[tuple[str, str]] = field(default_factory=list)  # d, title
    flows: list[Flow] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    chats: list[Mark] = field(default_factory=list)
    tips: list[Mark] = field(default_factory=list)
    is_part: bool = False


class Sheet:
    """From degrees to units. Holds the shapes of one picture."""

    def __init__(self, shapes: Iterable[Any], points: Sequence[tuple[float, float]] = ()) -> None:
        boxes = [shape.bounds for shape in shapes]
        wests, souths = [box[0] for box in boxes], [box[1] for box in boxes]
        easts, norths = [box[2] for box in boxes], [box[3] for box in boxes]
        for latitude, longitude in points:
            wests.append(longitude)
            easts.append(longitude)
            souths.append(latitude)
            norths.append(latitude)
        self._west, self._north = min(wests, default=0.0), max(norths, default=1.0)
        east, south = max(easts, default=1.0), min(souths, default=0.0)
        shrink = cos(radians((self._north + south) / 2))
        metres = max((east - self._west) * shrink, (self._north - south) * 0.6, 1e-5) * METRES_PER_DEGREE
        self.margin = 14.0
        scale = (WIDTH - 2 * self.margin) / metres
        self._across, self._up = METRES_PER_DEGREE * shrink * scale, METRES_PER_DEGREE * scale
        self.height = round((self._north - south) * self._up + 2 * self.margin, 1)

    def flat(self, shape: Any) -> Any:
        """In units, y downwards."""
        import shapely

        return shapely.transform(
            shape,
            lambda points: (points - (self._west, self._north)) * (self._across, -self._up) + self.margin,
        )

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        x = (longitude - self._west) * self._across + self.margin
        y = (self._north - latitude) * self._up + self.margin
        return round(x, 1), round(y, 1)


def path(shape: Any, finest: float = FINEST) -> str:
    """The `d` of a polygon or several, empty for what is too small to be seen."""
    import shapely

    shape = shapely.simplify(shape, finest)
    words = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.area < finest * finest:
            continue
        for ring in (part.exterior, *part.interiors):
            corners = [f"{round(x, 1):g} {round(y, 1):g}" for x, y in ring.coords[:-1]]
            words.append(f"M{'L'.join(corners)}Z")
    return "".join(words)


def shapes_of(borders: Mapping[str, str], codes: Iterable[str] | None = None) -> dict[str, Any]:
    """Shapely areas in degrees."""
    import json

    import shapely

    found = {}
    for code in borders if codes is None else codes:
        parts = json.loads(borders[code])
        found[code] = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
    return found


def near(shapes: Mapping[str, Any], changed: set[str]) -> set[str]:
    """Those that touch a changed one, the changed ones included."""
    import shapely

    codes = list(shapes)
    tree = shapely.STRtree([shapes[code] for code in codes])
    wanted = [shapes[code] for code in changed if code in shapes]
    if not wanted:
        return set()
    return {codes[int(index)] for index in tree.query(wanted, predicate="intersects")[1]}


def labels(flat: Mapping[str, Any]) -> list[Label]:
    """Codes where there is room for them."""
    if len(flat) > LABELLED:
        return []
    found = []
    for code, shape in flat.items():
        west, north, east, south = shape.bounds
        size = min(22.0, (east - west) / max(len(code), 2) * 0.9, (south - north) * 0.4)
        if size >= 7:
            spot = shape.representative_point()
            found.append(Label(round(spot.x, 1), round(spot.y, 1), round(size, 1), code))
    return found


def flows(before: Mapping[str, Any], after: Mapping[str, Any], moves: Mapping[tuple[str, str], int]) -> list[Flow]:
    """Between the middles of precincts, the most houses first; there and back run side by side."""
    found = []
    for (giver, taker), count in sorted(moves.items(), key=lambda move: (-move[1], move[0]))[:MOST_FLOWS]:
        if giver not in before or taker not in after:
            continue
        there = before.get(taker, after[taker]).representative_point()  # one that grows has its middle elsewhere then
        here = before[giver].representative_point()
        across, down = there.x - here.x, there.y - here.y
        length = max(hypot(across, down), 1e-6)
        aside = min(9.0, length / 8)
        x, y = here.x - down / length * aside, here.y + across / length * aside
        start, end = ((round(x + across * part, 1), round(y + down * part, 1)) for part in (0.2, 0.8))
        size = round(max(8.0, min(20.0, length / 7)), 1)
        beside = (x + across / 2 - down / length * size, y + down / 2 + across / length * size * 0.8)
        label = Label(round(beside[0], 1), round(beside[1], 1), size, str(count))
        found.append(Flow(start, end, label, f"{giver} → {taker}: {count}"))
    return found
