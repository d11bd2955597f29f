"""territory.geojson: districts and precincts. Every border is checked, alone and against its neighbours."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import cos, isfinite, radians
from typing import Any

from bot.errors import N_
from bot.services.territory_files.cells import CODE
from bot.services.territory_files.entries import DistrictEntry, Polygons, PrecinctEntry
from bot.services.territory_files.faults import Faults

TOLERATED_SQUARE_METRES = 50.0
"""Slivers up to this are the trembling of a hand that drew the border; more is a crossing or a gap."""
METRES_PER_DEGREE = 111_320.0
LONGITUDES, LATITUDES = (46.0, 88.0), (40.0, 56.0)
_WEST, _EAST, _SOUTH, _NORTH = *LONGITUDES, *LATITUDES
"""Kazakhstan with some room. Elsewhere is a mistake of the drawing tool, most often swapped coordinates."""

PROPERTIES = ("kind", "code", "name_kk", "name_ru", "district")

Point = tuple[float, float]


class _Broken(Exception):
    """A geometry nobody can use; carries the message id and its facts."""

    def __init__(self, msgid: str, **facts: Any) -> None:
        self.msgid, self.facts = msgid, facts


@dataclass(slots=True)
class _Feature:
    index: int
    kind: str
    code: str
    name_kk: str
    name_ru: str
    district: str
    polygons: Polygons = ()
    shape: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Borders:
    """What the file names, also where a shape is broken: the lists are checked against these codes."""

    districts: tuple[DistrictEntry, ...]
    precincts: tuple[PrecinctEntry, ...]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(precinct.code for precinct in self.precincts)

    @property
    def district_codes(self) -> frozenset[str]:
        return frozenset(district.code for district in self.districts)


def read_borders(file: str, text: str, faults: Faults) -> Borders | None:
    """Districts and precincts of one GeoJSON text, or None where it cannot be read at all."""
    try:
        collection = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        faults.add(file, N_("This is not JSON: {reason}. Export the borders again as GeoJSON."),
                   line=line, reason=getattr(error, "msg", str(error)))  # fmt: skip
        return None
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        faults.add(file, N_("This is not a GeoJSON FeatureCollection. Export the borders again as GeoJSON."))
        return None
    read = [feature for index, raw in enumerate(features) if (feature := _read_feature(file, index, raw, faults))]
    _check_codes(file, read, faults)
    _check_shapes(file, read, faults)
    return Borders(
        tuple(DistrictEntry(f.code, f.name_kk, f.name_ru, f.polygons) for f in read if f.kind == "district"),
        tuple(
            PrecinctEntry(f.code, f.name_kk, f.name_ru, f.district, f.polygons) for f in read if f.kind == "precinct"
        ),
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _read_feature(file: str, index: int, raw: Any, faults: Faults) -> _Feature | None:
    properties = raw.get("properties") if isinstance(raw, dict) else None
    if not isinstance(properties, dict):
        faults.add(file, N_("The feature has no properties. Give it kind, code, name_kk, name_ru."), feature=index)
        return None
    said = {name: str(properties.get(name) or "").strip() for name in PROPERTIES}
    feature = _Feature(index, said["kind"], said["code"], said["name_kk"], said["name_ru"], said["district"])
    if feature.kind not in {"district", "precinct"}:
        faults.add(file, N_("The property kind must be district or precinct, not “{kind}”."),
                   feature=index, code=feature.code, kind=feature.kind)  # fmt: skip
        return None
    for name in ("code", "name_kk", "name_ru"):
        if not said[name]:
            faults.add(
                file, N_("The property {name} is empty. Fill it in."), feature=index, code=feature.code, name=name
            )
    if feature.code and not CODE.fullmatch(feature.code):
        faults.add(file, N_("The code “{value}” is not usable: 1 to 32 Latin letters, digits, “-” and “_”."),
                   feature=index, value=feature.code)  # fmt: skip
    try:
        feature.polygons = _polygons(raw.get("geometry"))
    except _Broken as broken:
        faults.add(file, broken.msgid, feature=index, code=feature.code, **broken.facts)
    return feature


def _polygons(geometry: Any) -> Polygons:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        coordinates = [coordinates]
    elif kind != "MultiPolygon":
        raise _Broken(N_("The feature must be a Polygon or a MultiPolygon. Draw it as an area."))
    if not isinstance(coordinates, list) or not all(isinstance(part, list) and part for part in coordinates):
        raise _Broken(N_("The area is empty. Draw its border."))
    polygons = tuple(tuple(map(_ring, part)) for part in coordinates)
    if not polygons:
        raise _Broken(N_("The area is empty. Draw its border."))
    return polygons


def _ring(raw: Any) -> tuple[Point, ...]:
    if not isinstance(raw, list) or not raw:
        raise _Broken(N_("The area is empty. Draw its border."))
    points = tuple(map(_point, raw))
    if points[0] != points[-1]:
        raise _Broken(N_("The border is not closed: the last point must repeat the first one."))
    if len(points) < 4:
        raise _Broken(N_("The border has fewer than three corners. Draw it again."))
    return points


def _point(raw: Any) -> Point:
    if type(raw) is list and len(raw) > 1 and type(raw[0]) is float and type(raw[1]) is float:
        lon, lat = raw[0], raw[1]
        if _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
            return lon, lat  # a million points come this way
    numbers = raw[:2] if isinstance(raw, list) else []
    if len(numbers) != 2 or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        raise _Broken(N_("A point is not a pair of numbers (longitude, latitude)."))
    lon, lat = float(numbers[0]), float(numbers[1])
    if not (isfinite(lon) and isfinite(lat)):
        raise _Broken(N_("A point is not a pair of numbers (longitude, latitude)."))
    if _within(lon, LONGITUDES) and _within(lat, LATITUDES):
        return lon, lat
    if _within(lat, LONGITUDES) and _within(lon, LATITUDES):
        raise _Broken(N_("Longitude and latitude are swapped: GeoJSON writes the longitude first."))
    raise _Broken(
        N_("The point {lon}, {lat} lies outside Kazakhstan. Export the borders as WGS 84 (EPSG:4326)."),
        lon=lon,
        lat=lat,
    )


def _within(value: float, span: tuple[float, float]) -> bool:
    return span[0] <= value <= span[1]


def _check_codes(file: str, features: list[_Feature], faults: Faults) -> None:
    first: dict[tuple[str, str], int] = {}
    for feature in features:
        if not feature.code:
            continue
        before = first.setdefault((feature.kind, feature.code), feature.index)
        if before != feature.index:
            faults.add(file, N_("The code is already used by feature {other}. Every area needs its own code."),
                       feature=feature.index, code=feature.code, other=before)  # fmt: skip
    districts = {feature.code for feature in features if feature.kind == "district"}
    for feature in features:
        if feature.kind == "precinct" and feature.district not in districts:
            faults.add(file, N_("There is no district “{district}” in this file. Correct the code or add it."),
                       feature=feature.index, code=feature.code, district=feature.district)  # fmt: skip
    if not any(feature.kind == "precinct" for feature in features):
        faults.add(file, N_("There is no precinct in this file."))


def _check_shapes(file: str, features: list[_Feature], faults: Faults) -> None:
    """Areas are measured in local metres; a shape that is broken by itself is not compared with others."""
    drawn = [feature for feature in features if feature.polygons]
    if not drawn:
        return
    scale = _scale(drawn)
    for feature in drawn:
        feature.shape = _shape(feature, scale, file, faults)
    sound = [feature for feature in drawn if feature.shape is not None]
    districts = [feature for feature in sound if feature.kind == "district"]
    precincts = [feature for feature in sound if feature.kind == "precinct"]
    _check_crossings(file, districts, faults)
    shared = _check_crossings(file, precincts, faults)
    _check_nesting(file, features, districts, precincts, shared, faults)
    if len(sound) == len(features):
        _check_holes(file, districts, faults)


def _scale(features: Iterable[_Feature]) -> Point:
    """Metres in a degree of longitude and of latitude, in the middle of what is drawn."""
    latitudes = [point[1] for feature in features for part in feature.polygons for point in part[0]]
    shrink = cos(radians((min(latitudes) + max(latitudes)) / 2))
    return METRES_PER_DEGREE * shrink, METRES_PER_DEGREE


def _shape(feature: _Feature, scale: Point, file: str, faults: Faults) -> Any:
    import numpy
    import shapely

    parts = [
        shapely.Polygon(numpy.array(part[0]) * scale, [numpy.array(hole) * scale for hole in part[1:]])
        for part in feature.polygons
    ]
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if shape.is_valid and shape.area > TOLERATED_SQUARE_METRES:
        return shape
    faults.add(file, N_("The border crosses or touches itself. Draw it without loops and spikes."),
               feature=feature.index, code=feature.code)  # fmt: skip
    return None


def _check_crossings(file: str, features: list[_Feature], faults: Faults) -> dict[int, float]:
    """Square metres that a feature shares with those before it, by its index; the larger ones are faults."""
    import shapely

    shapes = [feature.shape for feature in features]
    if len(features) < 2 or shapely.coverage_is_valid(shapes):  # neighbours have every point in common
        return {}
    shared: dict[int, float] = defaultdict(float)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b]
    common = shapely.area(shapely.intersection([shapes[a] for a, _ in pairs], [shapes[b] for _, b in pairs]))
    for (a, b), area in zip(pairs, common, strict=True):
        shared[features[b].index] += float(area)
        if area > TOLERATED_SQUARE_METRES:
            faults.add(
                file, N_("The border crosses feature {other} ({other_code}): {area} m² belong to both. Redraw it."),
                feature=features[b].index, code=features[b].code,
                other=features[a].index, other_code=features[a].code, area=round(area),
            )  # fmt: skip
    return shared


def _check_nesting(
    file: str,
    features: list[_Feature],
    districts: list[_Feature],
    precincts: list[_Feature],
    shared: dict[int, float],
    faults: Faults,
) -> None:
    """Each precinct lies in its district, and the precincts of a district leave no gap in it."""
    import shapely

    by_code = {district.code: district for district in districts}
    shapely.prepare([district.shape for district in districts])
    members: dict[str, list[_Feature]] = defaultdict(list)
    twice = dict(shared)
    for precinct in precincts:
        members[precinct.district].append(precinct)
        district = by_code.get(precinct.district)
        if district is None or district.shape.covers(precinct.shape):
            continue
        outside = precinct.shape.difference(district.shape).area
        twice[precinct.index] = twice.get(precinct.index, 0.0) + outside
        if outside > TOLERATED_SQUARE_METRES:
            faults.add(file, N_("{area} m² lie outside the district {district}. Redraw or name another one."),
                       feature=precinct.index, code=precinct.code,
                       area=round(outside), district=precinct.district)  # fmt: skip
    drawn_of = Counter(feature.district for feature in features if feature.kind == "precinct")
    for district in districts:
        drawn = members[district.code]
        if len(drawn) != drawn_of[district.code]:
            continue  # a broken precinct leaves a gap of its own; it is reported already
        covered = sum(precinct.shape.area - twice.get(precinct.index, 0.0) for precinct in drawn)
        if district.shape.area - covered <= TOLERATED_SQUARE_METRES:
            continue  # counted so, a gap can only look larger than it is
        gap = district.shape.difference(shapely.unary_union([precinct.shape for precinct in drawn]))
        if gap.area > TOLERATED_SQUARE_METRES:
            faults.add(file, N_("{area} m² of the district belong to no precinct. Close the gap between the borders."),
                       feature=district.index, code=district.code, area=round(gap.area))  # fmt: skip


def _check_holes(file: str, districts: list[_Feature], faults: Faults) -> None:
    import shapely

    whole = shapely.unary_union([district.shape for district in districts])
    for part in shapely.get_parts(whole):
        gap = sum(shapely.Polygon(ring).area for ring in part.interiors)
        if gap > TOLERATED_SQUARE_METRES:
            faults.add(
                file, N_("Between the districts {area} m² belong to none of them. Close the gap."), area=round(gap)
            )
