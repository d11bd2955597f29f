"""Which precinct holds this point: pure functions over borders, fast enough to be asked at every step of a dialog.

Coordinates come and go as GeoJSON writes them: rings of (longitude, latitude). Distances are local metres
(111 320 metres a degree, a degree of longitude shrunk by the cosine of the latitude): right to 0.1 % within a region.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil, cos, hypot, inf, radians, sqrt

METRES_PER_DEGREE = 111_320.0
ON_BORDER = 1e-9
"""Degrees (0.1 mm): closer than this to an edge is on the border, so both neighbours claim the point."""

Ring = Sequence[Sequence[float]]
Box = tuple[float, float, float, float]


class _Area:
    """One precinct: its edges, each from its southern end, so that neighbours compute a shared edge alike."""

    __slots__ = ("box", "code", "edges", "starts")

    def __init__(self, code: str, polygons: Iterable[Iterable[Ring]]) -> None:
        self.code = code
        edges = []
        for ring in (ring for polygon in polygons for ring in polygon):
            for (x1, y1), (x2, y2) in pairwise((point[0], point[1]) for point in ring):
                edges.append((x1, y1, x2, y2) if (y1, x1) <= (y2, x2) else (x2, y2, x1, y1))
        if not edges:
            raise ValueError(f"precinct {code} has no border")
        edges.sort(key=lambda edge: edge[1])
        self.edges = array("d", [value for edge in edges for value in edge])
        xs, ys = self.edges[0::2], self.edges[1::2]
        self.box: Box = (min(xs), min(ys), max(xs), max(ys))

    def each_edge(self) -> Iterator[tuple[float, float, float, float]]:
        values = iter(self.edges)
        return zip(values, values, values, values, strict=True)

    def holds(self, x: float, y: float) -> bool:
        """Even-odd rule over all rings, so holes and islands need nothing special; the border itself is inside."""
        west, south, east, north = self.box
        if not (west - ON_BORDER <= x <= east + ON_BORDER and south - ON_BORDER <= y <= north + ON_BORDER):
            return False
        is_inside = False
        for x1, y1, x2, y2 in self.each_edge():
            if y1 > y + ON_BORDER:  # edges are sorted by their southern end: the rest lies north of the point
                break
            if y2 < y - ON_BORDER:
                continue
            if _is_on(x, y, x1, y1, x2, y2):
                return True
            if y1 <= y < y2 and (x2 - x1) * (y - y1) > (x - x1) * (y2 - y1):
                is_inside = not is_inside
        return is_inside

    def distance(self, x: float, y: float, shrink: float) -> float:
        """Metres from the point to the nearest edge; `shrink` is the cosine of the latitude."""
        best = inf
        for x1, y1, x2, y2 in self.each_edge():
            dx, dy, px, py = (x2 - x1) * shrink, y2 - y1, (x - x1) * shrink, y - y1
            length = dx * dx + dy * dy
            along = min(1.0, max(0.0, (px * dx + py * dy) / length)) if length else 0.0
            best = min(best, hypot(px - along * dx, py - along * dy))
        return best * METRES_PER_DEGREE


def _box_distance(box: Box, x: float, y: float, shrink: float) -> float:
    """Metres to a box around something: never more than to the thing itself."""
    west, south, east, north = box
    return hypot(max(west - x, 0.0, x - east) * shrink, max(south - y, 0.0, y - north)) * METRES_PER_DEGREE


def _is_on(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    dx, dy = x2 - x1, y2 - y1
    if abs(dx * (y - y1) - dy * (x - x1)) > ON_BORDER * (abs(dx) + abs(dy)):
        return False
    west, east = (x1, x2) if x1 <= x2 else (x2, x1)
    return west - ON_BORDER <= x <= east + ON_BORDER and y1 - ON_BORDER <= y <= y2 + ON_BORDER


class PrecinctMap:
    """Answers "whose place is this?" for points. Built once for a set of borders, then only read: safe to share.

    A grid over the region names the few precincts whose boxes touch a cell, sorted by code; on a shared border
    the lowest code wins, whatever the order of the file.
    """

    def __init__(self, areas: Iterable[tuple[str, Iterable[Iterable[Ring]]]]) -> None:
        self._areas = sorted((_Area(code, polygons) for code, polygons in areas), key=lambda area: area.code)
        boxes = [area.box for area in self._areas] or [(0.0, 0.0, 0.0, 0.0)]
        self._west, self._south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        self._east, self._north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        self._side = max(1, ceil(2 * sqrt(len(self._areas))))
        self._step_x = (self._east - self._west) / self._side or 1.0
        self._step_y = (self._north - self._south) / self._side or 1.0
        self._cells: list[list[int]] = [[] for _cell in range(self._side * self._side)]
        for index, area in enumerate(self._areas):
            for cell in self._cells_under(area.box):
                self._cells[cell].append(index)

    def __len__(self) -> int:
        return len(self._areas)

    def at(self, lat: float, lon: float) -> str | None:
        """The precinct that holds the point, or None outside all borders."""
        if not (self._south - ON_BORDER <= lat <= self._north + ON_BORDER):
            return None
        if not (self._west - ON_BORDER <= lon <= self._east + ON_BORDER):
            return None
        for index in self._cells[self._row(lat) * self._side + self._column(lon)]:
            area = self._areas[index]
            if area.holds(lon, lat):
                return area.code
        return None

    def nearest(self, lat: float, lon: float) -> tuple[str, float]:
        """The precinct closest to the point and the metres to its border (0 inside). ValueError on an empty map."""
        inside = self.at(lat, lon)
        if inside is not None:
            return inside, 0.0
        if not self._areas:
            raise ValueError("the map is empty")
        whole = (self._west, self._south, self._east, self._north)
        reach = _box_distance(whole, lon, lat, cos(radians(lat))) + self._step_y * METRES_PER_DEGREE
        while not (found := self.within(lat, lon, reach)):
            reach *= 2
        return found[0]

    def within(self, lat: float, lon: float, metres: float) -> list[tuple[str, float]]:
        """Every precinct that holds the point (0 metres) or whose border is at most so far, nearest first."""
        shrink = cos(radians(lat))
        reach_y = metres / METRES_PER_DEGREE
        reach_x = reach_y / max(shrink, 1e-6)
        found = []
        box = (lon - reach_x, lat - reach_y, lon + reach_x, lat + reach_y)
        for index in sorted({i for cell in self._cells_under(box) for i in self._cells[cell]}):
            area = self._areas[index]
            if _box_distance(area.box, lon, lat, shrink) > metres:
                continue
            distance = 0.0 if area.holds(lon, lat) else area.distance(lon, lat, shrink)
            if distance <= metres:
                found.append((area.code, distance))
        return sorted(found, key=lambda pair: (pair[1], pair[0]))

    def _column(self, lon: float) -> int:
        return min(self._side - 1, max(0, int((lon - self._west) / self._step_x)))

    def _row(self, lat: float) -> int:
        return min(self._side - 1, max(0, int((lat - self._south) / self._step_y)))

    def _cells_under(self, box: Box) -> Iterator[int]:
        """Cells a box touches, a hair wider than the box: a point on the box's rim may fall beyond it by rounding."""
        west, south, east, north = box
        first, last = self._column(west - ON_BORDER), self._column(east + ON_BORDER)
        for row in range(self._row(south - ON_BORDER), self._row(north + ON_BORDER) + 1):
            yield from range(row * self._side + first, row * self._side + last + 1)
