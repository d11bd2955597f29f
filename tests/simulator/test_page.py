"""The phones page as the server paints it, before any script has run."""

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from simulator.page import HERE, LANGUAGES, STATIC, add_page, load_words
from simulator.settings import Settings
from simulator.things import Group, Person
from simulator.world import World

HOSTILE = '<script>alert("x")</script>'
HOOKS = (
    "composer",
    "send",
    "messages",
    "file",
    "open-phone",
    "new-person",
    "attach-photo",
    "attach-voice",
    "attach-location",
    "attach-contact",
)

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    world = World(Settings(bot_name="Көрші"))
    world.keep_person(Person("t1001", "telegram", "Айгүл", role="resident", language_code="kk", pinned=True))
    world.keep_person(Person("w77010000003", "whatsapp", HOSTILE, role="resident", pinned=True))
    world.keep_person(Person("t1999", "telegram", "Кто-то ещё"))
    world.keep_group(Group(-500, "Аула чаты", pinned=True))
    world.keep_group(Group(-501, "Көшіп кеткен", pinned=True, migrated_to=-1000000000501))
    app = web.Application()
    add_page(app, world)
    async with TestClient(TestServer(app)) as client:
        yield client


async def paint(client: Client, address: str = "/") -> str:
    response = await client.get(address)
    assert response.status == 200
    return await response.text()


def page_files() -> list[tuple[str, str]]:
    found = [*(HERE / "templates").iterdir(), *STATIC.iterdir()]
    return [(f.name, f.read_text(encoding="utf-8")) for f in found if f.suffix in (".html", ".js", ".css", ".svg")]


async def test_the_page_may_load_nothing_from_elsewhere(client: Client) -> None:
    response = await client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_no_file_of_the_page_asks_for_another_host() -> None:
    asking = re.compile(
        r"""(?:src|href)\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|"""
        r"""(?:from|import|fetch|EventSource)\s*\(?\s*["'`](?:https?:)?//"""
    )
    assert [name for name, text in page_files() if asking.search(text)] == []


async def test_no_script_or_style_stands_in_the_page(client: Client) -> None:
    html = await paint(client)
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", html) == []


async def test_pinned_phones_are_there_at_once_and_no_others(client: Client) -> None:
    html = await paint(client)
    assert re.findall(r'data-phone="([^"]*)"', html) == ["t1001", "w77010000003", "-500", ""]
    assert '<section class="phone whatsapp" data-phone="w77010000003"' in html


async def test_a_hostile_name_is_only_words(client: Client) -> None:
    html = await paint(client)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("hook", HOOKS)
async def test_browser_tests_find_their_hooks(client: Client, hook: str) -> None:
    assert f'data-testid="{hook}"' in await paint(client)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_label_is_painted_in_the_language_asked_for(client: Client, language: str) -> None:
    html = await paint(client, f"/?lang={language}")
    words = load_words()
    assert f'<html lang="{language}">' in html
    labels = re.findall(r'data-word="([^"]+)"[^>]*>([^<]*)<', html)
    assert len(labels) > 40
    for key, shown in labels:
        assert shown == words[key][language]
    for key, shown in re.findall(r'data-word-label="([^"]+)"[^>]* aria-label="([^"]*)"', html):
        assert shown == words[key][language]


async def test_kazakh_is_first_and_a_strange_language_is_kazakh(client: Client) -> None:
    assert '<html lang="kk">' in await paint(client)
    assert '<html lang="kk">' in await paint(client, "/?lang=xx%22%3E")


def test_all_words_exist_in_both_languages() -> None:
    for key, word in load_words().items():
        assert set(word) == set(LANGUAGES), key
        assert all(text.strip() for text in word.values()), key
        places = [re.findall(r"\{(\w+)\}", text) for text in word.values()]
        assert places[0] == places[1], key


def test_the_script_says_no_word_that_is_not_written_down() -> None:
    words = load_words()
    said = {key for _, text in page_files() for key in re.findall(r"""\bt\(["']([\w.]+)["']""", text)}
    assert len(said) > 40
    assert said - set(words) == set()


async def test_the_page_brings_its_own_files(client: Client) -> None:
    html = await paint(client)
    for address in sorted(set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html))):
        assert (await client.get(address)).status == 200, address


async def test_without_a_territory_there_is_nothing_to_draw(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.page.TERRITORY", HERE / "absent.geojson")
    response = await client.get("/demo/territory.geojson")
    assert (await response.json())["features"] == []


async def test_the_ready_points_are_a_list_even_when_there_are_none(client: Client) -> None:
    response = await client.get("/static/points.json")
    assert response.status == 200
    assert isinstance(await response.json(), list)
