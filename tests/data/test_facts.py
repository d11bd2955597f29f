"""The facts shipped with the product: whole, in both languages, and agreeing with each other."""

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest

from bot.data import load
from bot.terms import DeskKind, StateType, Urgency

NAMES = sorted(f.name.removesuffix(".toml") for f in files("bot.data").iterdir() if f.name.endswith(".toml"))
CATEGORIES: list[dict[str, Any]] = load("categories")["category"]
TILES: list[dict[str, Any]] = load("categories")["tile"]
SCHEMES = load("schemes")
NUMBERS = {n["code"] for n in load("numbers")["number"]}
BUTTON = 40  # characters that fit a button on every messenger's narrow screen
WHATSAPP_LIST = 10  # rows of a list picker


def rows() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (name, table, row)
        for name in NAMES
        if name != "danger"
        for table, content in load(name).items()
        if isinstance(content, list)
        for row in content
        if isinstance(row, dict) and "weekday" not in row  # words to look for, hours of the week: nothing to read
    ]


@pytest.mark.parametrize(("name", "table", "row"), rows())
def test_every_word_has_both_languages(name: str, table: str, row: dict[str, Any]) -> None:
    kazakh = {key.removesuffix("kk") for key in row if key == "kk" or key.endswith("_kk")}
    russian = {key.removesuffix("ru") for key in row if key == "ru" or key.endswith("_ru")}
    assert kazakh
    assert kazakh == russian
    assert all(row[key + "kk"].strip() and row[key + "ru"].strip() for key in kazakh)


def test_codes_are_unique() -> None:
    codes = [(name, table, row["code"]) for name, table, row in rows()]
    assert len(codes) == len(set(codes))


def test_dashes_are_of_their_language() -> None:
    texts = [(key, value) for *_, row in rows() for key, value in row.items() if isinstance(value, str)]
    assert [value for key, value in texts if key.endswith("kk") and "—" in value] == []
    assert [value for key, value in texts if key.endswith("ru") and " – " in value] == []


def test_the_number_residents_must_not_see() -> None:
    assert "1408" not in "".join(files("bot.data").joinpath(f"{n}.toml").read_text(encoding="utf-8") for n in NAMES)


def test_the_code_of_1414_is_called_a_bait() -> None:
    row = next(n for n in load("numbers")["number"] if n["code"] == "1414")
    assert "алаяқ" in row["note_kk"]
    assert "мошенник" in row["note_ru"]


@pytest.mark.parametrize("number", load("numbers")["number"], ids=lambda n: n["code"])
def test_a_number_is_dated(number: dict[str, Any]) -> None:
    assert isinstance(number["checked"], date)


def test_forty_three_categories() -> None:
    assert len(CATEGORIES) == 43


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c["code"])
def test_a_category_names_what_exists(category: dict[str, Any]) -> None:
    desks = {d["code"] for d in load("desks")["desk"]} | {"inspector", "bot"}
    services = {s["code"] for s in load("numbers")["service"]}
    assert category["handlers"]
    assert set(category["handlers"]) <= desks
    assert {category["if_minor"]} <= desks if "if_minor" in category else True
    assert set(category.get("call", []) + category.get("call_now", [])) <= NUMBERS
    assert category.get("service") in {None, *services}
    urgencies = [Urgency(category[key]) for key in ("urgency", "urgency_now", "urgency_old") if key in category]
    assert urgencies[0] == category["urgency"]


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c["code"])
def test_what_is_urgent_shows_a_number(category: dict[str, Any]) -> None:
    if "U0" in {category["urgency"], category.get("urgency_now")}:
        assert category.get("call") or category.get("call_now")


@pytest.mark.parametrize("row", CATEGORIES + TILES, ids=lambda c: c["code"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_label_fits_a_button(row: dict[str, Any], language: str) -> None:
    assert len(f"{row['icon']} {row.get(f'label_{language}', row[language])}") <= BUTTON


def test_a_resident_reaches_every_category_by_exactly_one_tile() -> None:
    offered = [code for tile in TILES for code in tile["categories"]]
    assert sorted(offered) == sorted(c["code"] for c in CATEGORIES if c["code"] != "spam")


def test_the_menu_has_eight_tiles_that_fit_a_list() -> None:
    assert len(TILES) == 8
    assert all(len(tile["categories"]) <= WHATSAPP_LIST for tile in TILES)


def test_a_complaint_about_an_officer_goes_to_own_security_only() -> None:
    complaint = next(c for c in CATEGORIES if c["code"] == "officer_complaint")
    assert complaint["handlers"] == ["own_security"]


def test_sixteen_schemes() -> None:
    assert [s["code"] for s in SCHEMES["scheme"]] == [f"F{n:02}" for n in range(1, 17)]
    assert len({s["key"] for s in SCHEMES["scheme"]}) == 16


@pytest.mark.parametrize("scheme", SCHEMES["scheme"], ids=lambda s: s["key"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_scheme_card_fits_a_caption(scheme: dict[str, Any], language: str) -> None:
    fields = ("text",) if "text_kk" in scheme else ("how", "signs", "do")
    card = "\n".join([f"{scheme['icon']} {scheme[f'title_{language}']}", *(scheme[f"{f}_{language}"] for f in fields)])
    assert len(card) <= 600
    assert len(f"{card}\n\n{SCHEMES[f'common_{language}']}") <= 1024


def test_every_state_is_reached_and_every_step_leads_to_a_state() -> None:
    states = {s["code"]: s for s in load("states")["state"]}
    followers = {code for s in states.values() for code in s["next"]}
    assert followers == set(states) - {"new"}
    assert all(StateType(s["type"]) for s in states.values())
    assert set(states["closed"]["next"]) == {"confirmed", "reopened"}


def test_an_open_tip_can_always_be_closed() -> None:
    assert all("closed" in s["next"] for s in load("states")["state"] if s["type"] != StateType.CLOSED)


def test_urgency_is_the_enum() -> None:
    assert [u["code"] for u in load("urgency")["urgency"]] == list(Urgency)


def test_desk_kinds_are_the_enum() -> None:
    kinds = [DeskKind(d["kind"]) for d in load("desks")["desk"]]
    assert kinds.count(DeskKind.OWN_SECURITY) == kinds.count(DeskKind.DEPARTMENT_DUTY) == 1


def test_outcomes_count_by_known_types() -> None:
    types = {o["type"] for o in load("outcomes")["outcome"]}
    assert types == {"solved", "unconfirmed", "passed", "joined", "false", "silent"}


def test_facts_are_not_older_than_a_year_when_written() -> None:
    dates = [value for n in NAMES for value in load(n).values() if isinstance(value, date)]
    assert max(dates) - min(dates) < timedelta(days=365)
