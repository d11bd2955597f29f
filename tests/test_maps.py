"""The page of a comparison: both languages, nothing from a network, every word escaped, light for a region."""

import json
from dataclasses import replace
from html.parser import HTMLParser

from bot.i18n import Bilingual
from bot.maps import comparison_page, sections, territory_page, text_lines
from bot.services.territory import Edition, Live, compare
from bot.services.territory.editions import EMPTY, TipNow
from bot.services.territory.placing import ChatNow
from bot.services.territory_files import HouseEntry

EVIL = "<script>alert('ой')</script> & \"кавычки\""


def cell(column: int, row: int, shift: float = 0.0) -> str:
    west, south = 73.0 + column * 0.02 + shift, 49.7 + row * 0.02
    ring = [[west, south], [west + 0.02, south], [west + 0.02, south + 0.02], [west, south + 0.02], [west, south]]
    return json.dumps([[ring]], separators=(",", ":"))


def edition(columns: int, rows: int) -> Edition:
    codes = {f"{row}-{column}": (column, row) for row in range(rows) for column in range(columns)}
    return replace(
        EMPTY,
        borders={code: cell(*place) for code, place in codes.items()},
        names={code: Bilingual(f"№ {code} учаске", f"№ {code} участок") for code in codes},
        districts={code: f"D{row}" for code, (_column, row) in codes.items()},
        houses=(HouseEntry("0-0", "Абай көшесі", "улица Абая", "", "", "1-9"),),
    )


def live(**more: object) -> Live:
    return replace(Live((), {}, {}, (), {}), **more)  # type: ignore[arg-type]


def changed(before: Edition) -> Edition:
    return replace(before, borders=before.borders | {"0-1": cell(1, 0, 0.01), "0-0": cell(0, 0, 0.01)})


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_draws_both_borders_what_moved_and_the_points() -> None:
    before = edition(3, 2)
    after = changed(before)
    chat = ChatNow(1, b"k", "Аула", True, "0-0", None, "", (49.71, 73.005), None)
    tip = TipNow(7, "0-0", (49.71, 73.005), "")
    found = compare(before, after, live(chats=(chat,), tips=(tip,)))
    page = comparison_page(found, before, after)
    tags = Tags(page).found
    classes = [attributes.get("class") for _tag, attributes in tags]
    assert {"before", "after", "moved", "tip"} <= set(classes)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _attributes in tags}
    assert not any(name.startswith("on") or name in ("href", "src") for _tag, found in tags for name in found)
    assert "Шекара" in page or "шекара" in page
    assert "границы" in page


def with_houses(before: Edition, *rows: tuple[str, str]) -> Edition:
    return replace(
        before, houses=tuple(HouseEntry(code, "Абай көшесі", "улица Абая", "", "", said) for code, said in rows)
    )


def test_houses_that_move_alone_are_drawn_too() -> None:
    before = with_houses(edition(3, 2), ("0-0", "1-9"), ("1-2", "11"), ("0-1", "21, 22"))
    after = with_houses(before, ("0-1", "1-9"), ("0-1", "11"), ("0-0", "21, 22"))
    found = compare(before, after, live())
    assert not found.precincts
    page = comparison_page(found, before, after)
    tags = Tags(page).found
    drawn = [attributes for tag, attributes in tags if tag == "path" and attributes.get("fill-rule")]
    assert [one["class"] for one in drawn] == ["relisted"] * 3
    assert all(f"<title>{words}</title>" in page for words in ("0-0 → 0-1: 9", "1-2 → 0-1: 1", "0-1 → 0-0: 2"))
    assert "дома переходят между участками по спискам" in page
    same = comparison_page(compare(before, before, live()), before, before)
    assert "hatch)" in same  # of the style alone
    assert 'class="relisted"' not in same
    assert "<marker" not in same


def test_houses_in_no_list_before_or_after_are_no_move() -> None:
    before = with_houses(edition(3, 2), ("0-0", "1-9"))
    after = with_houses(before, ("0-0", "1-8"), ("0-1", "30"))
    page = comparison_page(compare(before, after, live()), before, after)
    assert 'class="relisted"' not in page


def test_of_a_region_the_precincts_of_moved_houses_are_drawn() -> None:
    before = with_houses(edition(60, 50), ("10-10", "1-9"))
    after = with_houses(before, ("40-40", "1-9"))
    page = comparison_page(compare(before, after, live()), before, after)
    assert page.count('class="relisted"') == 2 + 1  # and in the legend
    assert "10-10 → 40-40: 9" in page
    assert len(page) < 60_000


def test_words_of_files_are_escaped_everywhere() -> None:
    before = edition(2, 1)
    after = replace(
        changed(before),
        names={code: Bilingual(EVIL, EVIL) for code in before.names},
        houses=(HouseEntry("0-1", EVIL, EVIL, "", "", "1-9"),),
        lists={"officers": {EVIL: {"card": {"name_kk": EVIL, "name_ru": EVIL}, "posts": [["inspector", "0-0", None]]}}},
    )
    chat = ChatNow(1, b"k", EVIL, True, "0-0", None, "", (49.71, 73.005), None)
    found = compare(before, after, live(chats=(chat,)))
    for page in (comparison_page(found, before, after), territory_page(after, Bilingual(EVIL, EVIL))):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_region_is_drawn_only_where_it_changes() -> None:
    before = edition(60, 50)
    after = changed(before)
    found = compare(before, after, live())
    page = comparison_page(found, before, after)
    assert len(page) < 60_000
    assert page.count("M") < 60
    assert len(territory_page(after)) < 1_500_000


def test_the_tables_of_a_terminal() -> None:
    before = edition(2, 1)
    found = compare(before, changed(before), live(homes={"9-9": 4}))
    lines = list(text_lines(found))
    assert any("0-0" in line for line in lines)
    assert found.residents_asked == 4
    assert {section.count for section in sections(found)} == {2}
    assert list(text_lines(compare(before, before, live())))[2]
