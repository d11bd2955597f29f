"""The phones page of the offline demo: the first paint, its static files and the territory it draws."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.things import Group, Person
from simulator.world import World

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
TERRITORY: Final = HERE.parent / "demo" / "territory.geojson"
POINTS: Final = STATIC / "points.json"
LANGUAGES: Final = ("kk", "ru")
LANGUAGE_COOKIE: Final = "korshi_page_language"
HUES: Final = 7

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob: data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Words = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Phone:
    """What the frame of one phone says before any script has run."""

    id: str
    kind: str
    channel: str
    name: str
    messenger: str
    notes: tuple[str, ...]
    peer: str = ""
    peer_note: str = ""

    @property
    def initials(self) -> str:
        """Up to two letters for the round picture, as messengers show people without a photo."""
        return "".join(part[0] for part in self.name.split()[:2] if part[0].isalnum()).upper()

    @property
    def hue(self) -> int:
        """A colour that stays with the person; phones.js computes the same."""
        return sum(map(ord, self.id)) % HUES


BLANK: Final = Phone("", "person", "telegram", "", "", ())


def load_words() -> Words:
    """Every label of the page in both languages; the script reads the same file."""
    words: Words = json.loads((STATIC / "words.json").read_text(encoding="utf-8"))
    return words


def page_language(request: web.Request) -> str:
    """The language asked for in the address, else the one chosen last time, else Kazakh."""
    for asked in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    return LANGUAGES[0]


def person_phone(person: Person, words: Words, bot_name: str) -> Phone:
    """The phone of a person of the demo world."""
    known = (f"language.short.{person.language_code}", f"role.{person.role}")
    telegram = person.channel == "telegram"
    return Phone(
        id=str(person.id),
        kind="person",
        channel=str(person.channel),
        name=str(person.name),
        messenger="Telegram" if telegram else "WhatsApp",
        notes=tuple(key for key in known if key in words),
        peer=bot_name,
        peer_note="phone.bot" if telegram else "phone.business",
    )


def group_phone(group: Group) -> Phone:
    """The phone that shows a neighbourhood group."""
    title = str(group.title)
    return Phone(str(group.id), "group", "telegram", title, "Telegram", ("role.group",), title)


def pinned_phones(world: World, words: Words) -> list[Phone]:
    """The phones the demo opens with: people first, then groups."""
    bot_name = world.settings.bot_name
    people = [person_phone(person, words, bot_name) for person in world.people.values() if person.pinned]
    groups = [group_phone(group) for group in world.groups.values() if group.pinned and group.migrated_to is None]
    return people + groups


async def show_territory(_request: web.Request) -> web.StreamResponse:
    """The precincts the page draws; none of them where no demo territory was loaded."""
    if TERRITORY.is_file():
        return web.FileResponse(TERRITORY, headers={"Content-Type": "application/geo+json"})
    return web.json_response({"type": "FeatureCollection", "features": []})


async def show_points(_request: web.Request) -> web.StreamResponse:
    """Ready places to send: [{"name_kk", "name_ru", "latitude", "longitude"}]."""
    return web.FileResponse(POINTS) if POINTS.is_file() else web.json_response([])


def add_page(app: web.Application, world: World) -> None:
    """Serve the phones page, its static files and the demo territory from this application."""
    words = load_words()
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = templates.get_template("phones.html")
    bot_name = world.settings.bot_name

    async def show_page(request: web.Request) -> web.Response:
        language = page_language(request)
        html = page.render(
            language=language,
            phones=pinned_phones(world, words),
            blank=BLANK,
            bot_name=bot_name,
            t=lambda key: words[key][language],
        )
        return web.Response(text=html, content_type="text/html", headers=SECURITY_HEADERS)

    app.router.add_get("/", show_page)
    app.router.add_get("/demo/territory.geojson", show_territory)
    app.router.add_get("/static/points.json", show_points)
    app.router.add_static("/static/", STATIC)
