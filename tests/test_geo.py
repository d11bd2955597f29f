"""Points and precincts: who holds a point, on a border, beside it, far away."""

import random
from math import cos, radians

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bot.geo import METRES_PER_DEGREE, ON_BORDER, PrecinctMap

Polygons = list[list[list[tuple[float, float]]]]


def box(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


WEST: Polygons = [[box(73.0, 49.8, 73.02, 49.82)]]
EAST: Polygons = [[box(73.02, 49.8, 73.04, 49.82)]]


@pytest.fixture
def village() -> PrecinctMap:
    return PrecinctMap([("2", EAST), ("1", WEST)])


def test_a_point_has_its_precinct(village: PrecinctMap) -> None:
    assert village.at(49.81, 73.01) == "1"
    assert village.at(49.81, 73.03) == "2"


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(49.83, 73.01), (49.79, 73.01), (49.81, 72.99), (49.81, 73.05), (73.01, 49.81), (-33.9, 151.2), (0.0, 0.0)],
)
def test_outside_all_borders_nobody_holds_it(village: PrecinctMap, lat: float, lon: float) -> None:
    assert village.at(lat, lon) is None


def test_on_the_border_the_lowest_code_wins_whatever_the_order() -> None:
    for areas in ([("1", WEST), ("2", EAST)], [("2", EAST), ("1", WEST)]):
        there = PrecinctMap(areas)
        assert there.at(49.81, 73.02) == "1"
        assert there.at(49.80, 73.02) == "1"
        assert there.at(49.82, 73.04) == "2"


def test_a_hole_belongs_to_the_one_inside_it() -> None:
    there = PrecinctMap([("outer", [[box(0, 0, 4, 4), box(1, 1, 2, 2)]]), ("park", [[box(1, 1, 2, 2)]])])
    assert there.at(1.5, 1.5) == "park"
    assert there.at(3.0, 3.0) == "outer"
    assert there.at(1.0, 1.5) == "outer"


def test_a_precinct_of_two_islands() -> None:
    there = PrecinctMap([("1", [[box(0, 0, 1, 1)], [box(5, 5, 6, 6)]])])
    assert there.at(0.5, 0.5) == there.at(5.5, 5.5) == "1"
    assert there.at(3.0, 3.0) is None


def test_the_nearest_with_its_metres(village: PrecinctMap) -> None:
    assert village.nearest(49.81, 73.01) == ("1", 0.0)
    code, metres = village.nearest(49.83, 73.03)
    assert code == "2"
    assert metres == pytest.approx(0.01 * METRES_PER_DEGREE, rel=1e-6)
    code, metres = village.nearest(49.81, 72.99)
    assert code == "1"
    assert metres == pytest.approx(0.01 * METRES_PER_DEGREE * cos(radians(49.81)), rel=1e-6)


def test_the_nearest_from_another_continent(village: PrecinctMap) -> None:
    assert village.nearest(-33.9, 151.2)[0] == "2"


def test_the_nearest_where_two_are_equally_far(village: PrecinctMap) -> None:
    assert village.nearest(49.83, 73.02)[0] == "1"


def test_neighbours_within_fifteen_metres(village: PrecinctMap) -> None:
    ten_metres = 10 / (METRES_PER_DEGREE * cos(radians(49.81)))
    near = village.within(49.81, 73.02 - ten_metres, 15)
    assert [code for code, _ in near] == ["1", "2"]
    assert near[0][1] == 0.0
    assert near[1][1] == pytest.approx(10, abs=0.01)
    assert village.within(49.81, 73.02 - 2 * ten_metres, 15) == [("1", 0.0)]


def test_an_empty_map_holds_nothing() -> None:
    assert PrecinctMap([]).at(49.8, 73.1) is None
    with pytest.raises(ValueError, match="empty"):
        PrecinctMap([]).nearest(49.8, 73.1)


def mosaic(side: int, chance: random.Random) -> dict[str, Polygons]:
    """Crooked cells that share their corners, as borders do."""
    corner = {
        (i, j): (73 + i * 0.01 + chance.uniform(-0.003, 0.003), 49 + j * 0.01 + chance.uniform(-0.003, 0.003))
        for i in range(side + 1)
        for j in range(side + 1)
    }
    walk = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return {f"{i}{j}": [[[corner[i + di, j + dj] for di, dj in walk]]] for i in range(side) for j in range(side)}


MOSAIC = mosaic(6, random.Random(7))
MAP = PrecinctMap(MOSAIC.items())
SHAPES = {code: shapely.Polygon(polygons[0][0]) for code, polygons in MOSAIC.items()}


@given(lat=st.floats(48.98, 49.08), lon=st.floats(72.98, 73.08))
def test_it_agrees_with_shapely_everywhere(lat: float, lon: float) -> None:
    point = shapely.Point(lon, lat)
    holders = [code for code, shape in sorted(SHAPES.items()) if shape.covers(point)]
    near_border = any(shape.boundary.distance(point) < 1e-8 for shape in SHAPES.values())
    if not near_border:
        assert MAP.at(lat, lon) == (holders[0] if holders else None)


@given(cell=st.sampled_from(sorted(MOSAIC)), edge=st.integers(0, 3), along=st.floats(0, 1))
def test_a_point_on_any_edge_is_held_by_the_lowest_of_those_that_share_it(cell: str, edge: int, along: float) -> None:
    (x1, y1), (x2, y2) = MOSAIC[cell][0][0][edge : edge + 2]
    x, y = x1 + (x2 - x1) * along, y1 + (y2 - y1) * along
    distances = {code: shape.distance(shapely.Point(x, y)) for code, shape in SHAPES.items()}
    on_it = min(code for code, distance in distances.items() if distance < ON_BORDER / 10)
    touched = min(code for code, distance in distances.items() if distance < ON_BORDER * 3)  # a hair from a corner
    assert MAP.at(y, x) in {on_it, touched}
