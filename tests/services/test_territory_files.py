"""A department's files: good ones become entries, bad ones become a list of every fault."""

import json
import random
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from shapely import Point, Polygon

from bench.region import FAULTS, Size, build
from bot.services.territory_files import DepartmentFiles, Fault, TerritoryRefused, read_department
from bot.terms import DeskKind, Language, Messenger, Role
from tests.services.territory_files.village import VILLAGE, change, copied, faults_of, only_fault

DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture
def village(tmp_path: Path) -> Path:
    return copied(tmp_path)


def redraw(path: Path, edit: Callable[[list[dict[str, Any]]], Any]) -> None:
    """Change the features of a folder's borders."""
    file = path / "territory.geojson"
    collection = json.loads(file.read_text(encoding="utf-8"))
    edit(collection["features"])
    file.write_text(json.dumps(collection), encoding="utf-8")


def ring(feature: dict[str, Any]) -> list[Any]:
    coordinates = feature["geometry"]["coordinates"]
    found: list[Any] = coordinates[0] if feature["geometry"]["type"] == "Polygon" else coordinates[0][0]
    return found


# -- good files


def test_a_village_is_read_whole() -> None:
    files = read_department(VILLAGE)
    assert files.department is not None
    assert (files.department.phone, files.department.timezone, files.department.is_demo) == ("102", "Asia/Almaty", True)
    assert (files.department.town_kk, files.department.town_ru) == ("Ауыл", "Село")
    assert [(p.code, p.district) for p in files.precincts] == [("1", "D"), ("2", "D")]
    assert files.precincts[1].polygons[0][0][0] == (73.02, 49.8)
    assert files.houses[2].old_name_ru == "Совхозная улица"
    assert [desk.kind for desk in files.desks] == list(DeskKind)
    assert files.desks[1].district == "D"
    inspector, specialist, duty, admin = files.officers
    assert (inspector.rank_kk, inspector.rank_ru) == ("полиция капитаны", "капитан полиции")
    assert (inspector.role, inspector.precinct, inspector.desk) == (Role.INSPECTOR, "1", None)
    assert (specialist.rank_ru, specialist.phone, specialist.desk) == ("майор полиции", "+77000000102", "cyberpol")
    assert (duty.desk, duty.telegram_id, admin.precinct, admin.desk) == ("duty", 2003, None, None)
    assert [chat.telegram_id for chat in files.chats] == [-1001000000001, -1001000000002]
    first, second = files.residents
    assert (first.messenger, first.address, first.is_subscribed) == (Messenger.TELEGRAM, "1001", True)
    assert (second.address, second.language, second.is_subscribed) == ("+77000000001", Language.RU, False)


def test_the_demo_department_is_as_large_as_promised() -> None:
    files = read_department(DEMO)
    assert files.department is not None
    assert files.department.is_demo
    roles = [officer.role for officer in files.officers]
    assert (len(files.districts), len(files.precincts), roles.count(Role.INSPECTOR)) == (3, 12, 12)
    assert {officer.precinct for officer in files.officers if officer.precinct} == {p.code for p in files.precincts}
    assert set(Role) == set(roles)
    assert [desk.code for desk in files.desks if desk.kind is DeskKind.DESK] == ["cyberpol", "antidrug", "juvenile"]
    assert {desk.code for desk in files.desks} == {officer.desk for officer in files.officers if officer.desk}
    assert len({officer.name_kk for officer in files.officers}) == len(files.officers)
    assert [sum(chat.precinct == p.code for chat in files.chats) for p in files.precincts] == [2] * 12
    assert len(files.residents) == 300
    assert sum(resident.messenger is Messenger.WHATSAPP for resident in files.residents) == 30
    assert sum(resident.language is Language.KK for resident in files.residents) == 180
    assert all(sum(row.precinct == p.code for row in files.houses) >= 4 for p in files.precincts)


def test_the_demo_shows_who_is_away_on_watch_and_when_the_department_works() -> None:
    files = read_department(DEMO)
    away = {absence.badge: absence for absence in files.absences}
    chains = [one for one in files.absences if one.substitute in away]
    assert (len(away), len(chains)) == (3, 1)
    assert [portrait.photo.mime for portrait in files.officers if portrait.photo] == ["image/png"] * 5
    assert all(officer.username for officer in files.officers if officer.photo)
    assert sum(bool(house.complex_kk) for house in files.houses) == 2
    assert [chat.second_precinct for chat in files.chats if chat.second_precinct] == ["102"]
    assert [day.weekday for day in files.week] == list(range(5))
    for earlier, later in pairwise(files.watches):
        assert earlier.ends_at == later.starts_at
    assert files.watches[-1].ends_at.year == 2028


def test_every_chat_of_the_demo_lies_in_its_precinct() -> None:
    files = read_department(DEMO)
    shapes = {entry.code: Polygon(entry.polygons[0][0]) for entry in files.precincts}
    for chat in files.chats:
        assert chat.place
        assert chat.point is not None
        assert shapes[chat.precinct].contains(Point(chat.point[1], chat.point[0]))


def test_holidays_of_kazakhstan() -> None:
    """A national holiday on a weekend gives the next working day; Christmas and Kurban Ait give none."""
    days = {day.day for day in read_department(DEMO).calendar if not day.is_working}
    assert len(days) == 40
    given = {"2026-03-09", "2026-03-24", "2026-03-25", "2026-05-11", "2026-08-31", "2026-10-26", "2027-01-04",
             "2027-03-24", "2027-05-03", "2027-05-10"}  # fmt: skip
    assert {date.fromisoformat(day) for day in given | {"2026-05-27", "2027-05-16", "2026-12-16"}} <= days
    assert date(2027, 5, 17) not in days


def test_the_phones_of_the_demo_cover_everybody_in_its_lists() -> None:
    files, phones = read_department(DEMO), json.loads((DEMO / "phones.json").read_text(encoding="utf-8"))
    accounts = {str(one.get("telegram_id") or one["phone"]): one for one in phones["people"]}
    assert len(accounts) == len(phones["people"])
    assert {resident.address for resident in files.residents} <= accounts.keys()
    assert {str(officer.telegram_id) for officer in files.officers} <= accounts.keys()
    assert [group["id"] for group in phones["groups"]] == [chat.telegram_id for chat in files.chats]
    known = {f"t{one['telegram_id']}" if "telegram_id" in one else f"w{one['phone'][1:]}" for one in phones["people"]}
    assert {member for group in phones["groups"] for member in group["members"]} <= known
    newcomers = {address for address, one in accounts.items() if not one["started"]}
    assert newcomers.isdisjoint(resident.address for resident in files.residents)
    pinned = [
        (one["channel"], one["language_code"]) for one in phones["people"] if one["pinned"] and not one["started"]
    ]
    assert sorted(pinned) == [("telegram", "kk"), ("telegram", "ru"), ("whatsapp", "kk")]
    assert sum(one["pinned"] and one["started"] for one in phones["people"]) == 2
    assert sum(group["pinned"] for group in phones["groups"]) == 1


def test_borders_alone() -> None:
    files = read_department(VILLAGE / "territory.geojson")
    assert files == DepartmentFiles(None, files.districts, files.precincts)
    assert len(files.precincts) == 2


def test_only_the_card_and_the_borders_must_be_there(village: Path) -> None:
    for file in village.glob("*.csv"):
        file.unlink()
    files = read_department(village)
    assert (files.houses, files.residents, files.week, files.lists) == ((), (), (), set())


def test_a_list_saved_by_a_spreadsheet(village: Path) -> None:
    lines = (village / "chats.csv").read_text(encoding="utf-8").splitlines()
    content = "\ufeff" + "\r\n".join([*lines, ";;;;;;", ""])
    (village / "chats.csv").write_bytes(content.encode("utf-8"))
    assert len(read_department(village).chats) == 2


def test_an_altitude_is_left_out(village: Path) -> None:
    redraw(village, lambda features: [point.append(500.0) for feature in features for point in ring(feature)][:0])
    assert read_department(village).precincts[0].polygons[0][0][0] == (73.0, 49.8)


# -- borders


def test_crossing_borders(village: Path) -> None:
    redraw(village, lambda features: ring(features[1])[1].__setitem__(0, 73.021))
    crossing, gap = faults_of(village)[0], faults_of(village)[1:]
    assert (crossing.file, crossing.feature, crossing.code) == ("territory.geojson", 2, "2")
    assert "crosses feature" in crossing.msgid
    assert (crossing.facts["other"], crossing.facts["other_code"]) == (1, "1")
    assert crossing.facts["area"] == pytest.approx(72 * 2226 / 2, rel=0.02)
    assert gap == []


def test_a_gap_between_precincts(village: Path) -> None:
    redraw(village, lambda features: ring(features[1])[1].__setitem__(0, 73.019))
    fault = only_fault(village)
    assert (fault.feature, fault.code) == (0, "D")
    assert "belong to no precinct" in fault.msgid


def test_a_sliver_of_a_trembling_hand_is_taken(village: Path) -> None:
    redraw(village, lambda features: ring(features[1])[1].__setitem__(0, 73.0200001))
    assert len(read_department(village).precincts) == 2


def test_a_gap_between_districts(village: Path) -> None:
    def frame(features: list[dict[str, Any]]) -> None:
        outer = [[73.0, 49.8], [73.04, 49.8], [73.04, 49.82], [73.0, 49.82], [73.0, 49.8]]
        hole = [[73.01, 49.805], [73.01, 49.815], [73.02, 49.815], [73.02, 49.805], [73.01, 49.805]]
        features[0]["geometry"]["coordinates"] = [outer, hole]
        features[1]["geometry"]["coordinates"] = [outer, hole]
        del features[2]

    redraw(village, frame)
    fault = next(fault for fault in faults_of(village) if fault.file == "territory.geojson")
    assert "Between the districts" in fault.msgid
    assert fault.feature is None


def test_a_precinct_outside_its_district(village: Path) -> None:
    def move(features: list[dict[str, Any]]) -> None:
        for point in ring(features[2]):
            point[0] += 0.02 if point[0] > 73.03 else 0

    redraw(village, move)
    fault = only_fault(village)
    assert (fault.code, fault.facts["district"]) == ("2", "D")
    assert "outside the district" in fault.msgid


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda f: ring(f).pop(), "not closed"),
        (lambda f: ring(f).__setitem__(slice(1, 4), [[73.01, 49.81]]), "fewer than three"),
        (lambda f: ring(f).__setitem__(slice(1, 3), ring(f)[2:0:-1]), "crosses or touches itself"),
        (lambda f: ring(f).clear(), "area is empty"),
        (lambda f: f["geometry"].update(coordinates=[]), "area is empty"),
        (lambda f: f["geometry"].update(type="Point", coordinates=[73.0, 49.8]), "must be a Polygon"),
        (lambda f: f.update(geometry=None), "must be a Polygon"),
        (lambda f: [point.reverse() for point in ring(f)], "are swapped"),
        (lambda f: [point.__setitem__(0, point[0] - 100) for point in ring(f)], "outside Kazakhstan"),
        (lambda f: ring(f)[1].__setitem__(0, "73.02"), "not a pair of numbers"),
        (lambda f: ring(f)[1].pop(), "not a pair of numbers"),
        (lambda f: f["properties"].update(district="X"), "no district “{district}”"),
        (lambda f: f["properties"].update(name_kk=""), "property {name} is empty"),
        (lambda f: f["properties"].update(kind="yard"), "must be district or precinct"),
        (lambda f: f.update(properties=None), "no properties"),
    ],
)
def test_a_broken_feature(village: Path, edit: Callable[[dict[str, Any]], Any], words: str) -> None:
    redraw(village, lambda features: edit(features[1]))
    found = [fault for fault in faults_of(village) if words in fault.msgid]
    assert [(fault.file, fault.feature) for fault in found] == [("territory.geojson", 1)]


def boxes(features: list[dict[str, Any]], *spans: tuple[float, float]) -> None:
    """Precincts of the village as boxes from west to east."""
    features[1:] = [
        {
            "type": "Feature",
            "properties": {**features[1]["properties"], "code": str(number)},
            "geometry": {"type": "Polygon", "coordinates": [box(*span)]},
        }
        for number, span in enumerate(spans, 1)
    ]


def box(west: float, east: float) -> list[list[float]]:
    return [[west, 49.8], [east, 49.8], [east, 49.82], [west, 49.82], [west, 49.8]]


def test_a_precinct_inside_another_and_one_drawn_twice(village: Path) -> None:
    redraw(village, lambda features: boxes(features, (73.0, 73.02), (73.02, 73.04), (73.03, 73.035), (73.0, 73.02)))
    crossings = [(f.code, f.facts["other_code"]) for f in faults_of(village) if "crosses feature" in f.msgid]
    assert sorted(crossings) == [("3", "2"), ("4", "1")]


def test_crossing_districts(village: Path) -> None:
    def add(features: list[dict[str, Any]]) -> None:
        other = {"type": "Polygon", "coordinates": [box(73.035, 73.05)]}
        names = {"name_kk": "Көрші аудан", "name_ru": "Соседний район"}
        features.append(
            {"type": "Feature", "properties": {"kind": "district", "code": "E", **names}, "geometry": other}
        )
        inside = {"kind": "precinct", "code": "3", "district": "E", **names}
        features.append({"type": "Feature", "properties": inside, "geometry": other})

    redraw(village, add)
    found = [(f.code, f.facts["other_code"]) for f in faults_of(village) if "crosses feature" in f.msgid]
    assert found == [("E", "D"), ("3", "2")]


def test_a_crossing_does_not_hide_a_gap_of_the_same_size(village: Path) -> None:
    redraw(village, lambda features: boxes(features, (73.0, 73.02), (73.019, 73.039)))
    found = {(fault.code, fault.facts["area"]) for fault in faults_of(village) if "area" in fault.facts}
    assert {code for code, _area in found} == {"2", "D"}


def test_a_small_region_is_read_as_the_large_one(tmp_path: Path) -> None:
    size = Size(40, 30)
    files = read_department(build(tmp_path / "sound", size))
    assert (len(files.districts), len(files.precincts), len(files.houses), len(files.chats)) == (2, 1200, 6000, 120)
    assert {len(precinct.polygons[0][0]) for precinct in files.precincts} == {51}
    said = {
        fault: {(one.file, one.line or one.feature) for one in faults_of(build(tmp_path / fault, size, fault=fault))}
        for fault in FAULTS
    }
    assert said == {
        "crossing": {("territory.geojson", 663)},
        "two_precincts": {("houses.xlsx", 6002)},
        "unknown_precinct": {("houses.xlsx", 3002)},
        "duplicate": {("houses.xlsx", 6002)},
    }


def test_a_duplicate_precinct(village: Path) -> None:
    redraw(village, lambda features: features[2]["properties"].update(code="1"))
    fault = faults_of(village)[0]
    assert (fault.feature, fault.code, fault.facts["other"]) == (2, "1", 1)
    assert "already used" in fault.msgid


def test_a_code_that_no_link_can_carry(village: Path) -> None:
    redraw(village, lambda features: features[1]["properties"].update(code="№ 1"))
    assert "not usable" in faults_of(village)[0].msgid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "not JSON"),
        ("[]", "not a GeoJSON FeatureCollection"),
        ('{"type": "Feature"}', "not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "no precinct in this file"),
        ('{"type": "FeatureCollection", "features": [7]}', "no properties"),
    ],
)
def test_borders_that_are_no_borders(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "borders.geojson"
    file.write_text(text, encoding="utf-8")
    assert any(words in fault.msgid for fault in faults_of(file))


# -- lists


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        ("houses.csv", "\n1;Бас", "\n9;Бас", 2, "no precinct “{value}”"),
        ("houses.csv", "2-40 even, 35А", "35, 36-40", 3, "House {house} of {street} is already in precinct"),
        ("houses.csv", "1-20", "1-", 4, "not a house number"),
        ("houses.csv", "Бұлақ көшесі", "", 4, "column {column} is empty"),
        ("houses.csv", "1-20", "1;20", 4, "cells, the heading"),
        ("houses.csv", "numbers", "houses", 1, "Columns are missing"),
        ("houses.csv", "Родниковая", '"Родниковая', 4, "cannot be read here"),
        ("houses.csv", "Родниковая", "Р" * 501, 4, "longer than"),
        ("desks.csv", "own_security", "own_safety", 5, "allowed: {words}"),
        ("desks.csv", "district_duty;D", "district_duty;X", 3, "no district “{value}”"),
        ("desks.csv", "desk;;Cyb", "desk;D;Cyb", 2, "Only a district"),
        ("desks.csv", "+7 700 000 02 01", "call me", 2, "not a phone number"),
        ("desks.csv", "\nduty;", "\nduty-d;", 4, "already in line"),
        ("desks.csv", "\nduty;", "\nкезекші;", 4, "code “{value}” is not usable"),
        ("officers.csv", "inspector;1", "inspector;9", 2, "no precinct “{value}”"),
        ("officers.csv", "inspector;1", "inspector;", 2, "column {column} is empty"),
        ("officers.csv", "desk;cyberpol", "desk;duty", 3, "no desk “{value}”"),
        ("officers.csv", "admin;", "admin;1", 5, "has no place"),
        ("officers.csv", "admin;", "boss;", 5, "allowed: {words}"),
        ("officers.csv", ";captain;", ";capitan;", 2, "rank “{value}” is not known"),
        ("officers.csv", "A-2", "A-1", 3, "already in line"),
        ("officers.csv", "2003", "2001", 4, "already in line"),
        ("officers.csv", "2003", "@oleg", 4, "not a Telegram number"),
        ("officers.csv", "8 700 000 01 02", "8 700", 3, "not a phone number"),
        ("chats.csv", "-1001000000002", "-1001000000001", 3, "already in line"),
        ("chats.csv", "-1001000000002", "1001000000002", 3, "not a Telegram group number"),
        ("chats.csv", "Соседи;2", "Соседи;3", 3, "no precinct “{value}”"),
        ("residents.csv", "8 700 000 00 01", "102", 3, "not a phone number"),
        ("residents.csv", "telegram;1001", "telegram;+7700", 2, "not a Telegram number"),
        ("residents.csv", ";no", ";maybe", 3, "allowed: {words}"),
        ("residents.csv", ";ru;", ";en;", 3, "allowed: {words}"),
        ("residents.csv", "whatsapp", "viber", 3, "allowed: {words}"),
    ],
)
def test_a_wrong_cell(village: Path, name: str, old: str, new: str, line: int, words: str) -> None:
    change(village / name, old, new)
    found = [fault for fault in faults_of(village) if words in fault.msgid]
    assert [(fault.file, fault.line) for fault in found] == [(name, line)]


def test_a_house_in_two_precincts_names_both_lines(village: Path) -> None:
    change(village / "houses.csv", "2-40 even, 35А", "2-40 even, 35")
    fault = only_fault(village)
    assert fault.facts == {"house": "35", "street": "Бас көше", "precinct": "1", "other": 2}


@pytest.mark.parametrize("name", ["houses.csv", "territory.geojson", "department.toml"])
def test_a_wrong_encoding_names_the_line(village: Path, name: str) -> None:
    text = (village / name).read_text(encoding="utf-8")
    (village / name).write_bytes(text.encode("cp1251", errors="replace"))
    fault = faults_of(village)[0]
    assert fault.file == name
    assert "not in UTF-8" in fault.msgid
    assert fault.line == 1 + next(i for i, line in enumerate(text.splitlines()) if not line.isascii())


def test_an_empty_list(village: Path) -> None:
    (village / "chats.csv").write_text("\n", encoding="utf-8")
    assert "is empty" in only_fault(village).msgid


def test_reports_must_always_have_a_holder(village: Path) -> None:
    lines = (village / "desks.csv").read_text(encoding="utf-8").splitlines()
    (village / "desks.csv").write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    needed = [fault.facts["kind"] for fault in faults_of(village) if "always have a holder" in fault.msgid]
    assert needed == ["department_duty", "own_security"]


def test_residents_are_for_demos_only(village: Path) -> None:
    change(village / "department.toml", "demo = true", "demo = false")
    change(village / "officers.csv", "2001", "")
    change(village / "officers.csv", "2003", "")
    change(village / "officers.csv", "2004", "")
    assert "Only a demo department may list residents" in only_fault(village).msgid


# -- the card, and everything at once


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('bin = "000000000000"', 'bin = "12"', "12 digits"),
        ('phone = "102"', 'phone = "one"', "not a phone number"),
        ("Asia/Almaty", "Asia/Altynarqa", "no time zone"),
        ("Asia/Almaty", "../etc", "no time zone"),
        ("demo = true", 'demo = "yes"', "must be true or false"),
        ('term_ru = "3 года"', "", "setting {name} is missing"),
        ('term_ru = "3 года"', "term_ru = 3", "setting {name} is missing"),
        ('term_ru = "3 года"', "term_ru = ", "not TOML"),
        ('town_ru = "Село"', "", "write both or neither"),
        ('town_ru = "Село"', "town_ru = 5", "write both or neither"),
    ],
)
def test_a_wrong_card(village: Path, old: str, new: str, words: str) -> None:
    change(village / "department.toml", old, new)
    fault = only_fault(village)
    assert fault.file == "department.toml"
    assert words in fault.msgid


def test_missing_files(tmp_path: Path) -> None:
    assert [fault.file for fault in faults_of(tmp_path)] == ["department.toml", "territory.geojson"]
    assert "missing" in only_fault(tmp_path / "none.geojson").msgid


def test_every_fault_of_every_file_is_listed(village: Path) -> None:
    redraw(village, lambda features: ring(features[1]).pop())
    change(village / "houses.csv", "\n1;Бас", "\n9;Бас")
    change(village / "houses.csv", "1-20", "x")
    change(village / "chats.csv", "-1001000000002", "-1001000000001")
    change(village / "officers.csv", "captain", "kapitan")
    places = [(fault.file, fault.line or fault.feature) for fault in faults_of(village)]
    assert places == [
        ("territory.geojson", 1), ("houses.csv", 2), ("houses.csv", 4), ("officers.csv", 2), ("chats.csv", 3),
    ]  # fmt: skip


def test_a_fault_is_worded_with_its_place() -> None:
    fault = Fault("houses.csv", "“{value}” is not a house number or a run like “1-35 odd”.", {"value": "x{y}"}, line=4)
    assert fault.words().startswith("houses.csv")
    assert "x{y}" in fault.words()
    assert "4" in fault.words()
    crossing = Fault("t.geojson", "The area is empty. Draw its border.", feature=3, code="101")
    assert "3" in crossing.words()
    assert "101" in crossing.words()


def test_no_bytes_can_do_more_than_be_refused(village: Path) -> None:
    chance = random.Random(1)
    names = sorted(file.name for file in village.iterdir() if file.is_file())
    found: list[Fault] = []
    for _ in range(60):
        name = chance.choice(names)
        content = bytearray((VILLAGE / name).read_bytes())
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.choice(b'"{}[];,\n\x00\xff0-9 a')
        (village / name).write_bytes(bytes(content))
        try:
            read_department(village)
        except TerritoryRefused as refused:
            found += refused.faults
        (village / name).write_bytes((VILLAGE / name).read_bytes())
    assert len(found) > 20
    assert all(fault.words() for fault in found)
