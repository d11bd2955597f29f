"""A hundred people send hidden tips, and nothing of who they are is anywhere but in their own chats and the vault.

Evidence (law 5): what a victim of fraud says and sends is in it as it was said, also words about himself that he wrote
of his own will; of what Korshi knows about a hidden sender (name, @name, phone, account, names of files, what a camera
wrote into a picture) nothing is. Of a named one the name is there.
"""

import base64
import io
import json
import logging
import re
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
import xlsxwriter
from fpdf import FPDF
from PIL import ExifTags, Image
from prometheus_client import generate_latest
from sqlalchemy import select

import bot.bundler
import bot.commands.answers
import bot.commands.exports
import bot.maps.page
import bot.poster.gathering
from bot.commands import poster_links
from bot.commands.answers import export_answers
from bot.commands.exports import evidence, misroutes
from bot.commands.territory import comparison, draw, load
from bot.i18n import Bilingual
from bot.line.answers import answers
from bot.line.exports import export
from bot.poster.drawing import draw as poster
from bot.poster.gathering import write_posters
from bot.poster.sheet import Card, Link, Sheet
from bot.services.media import MediaDraft
from bot.services.officers import OfficerView
from bot.services.residents import Person as Known
from bot.services.tips import Destination, PartDraft, Sort, Tips, visible_to
from bot.services.tips.evidence import Bundle
from bot.services.tips.sending import SentTips
from bot.services.unit import Unit
from bot.setup import SILENCED
from bot.speech.acts import Bundled
from bot.speech.calls import Past
from bot.store.audit import AuditEntry
from bot.store.tips import Tip
from bot.terms import Identity, Messenger, PartKind, Role
from simulator.things import BOT
from tests.canaries import Canary, Net, canary, file_of, pdf_pieces
from tests.clocks import START, FakeClock
from tests.conversations.journeys import CLOSED, TAKEN, category, closes, number_in, resident, shows, tile, tip_of
from tests.postgres import units_on
from tests.services import cast
from tests.stage import Person, Stage, StageClock, settings_for, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = 100
WHOLE = (0, 1, 3, 7)  # these talk to the end by themselves: two on each messenger
KINDS = (("yard", "noise_night"), ("road", "parking"), ("yard", "drunk_disorder"), ("drugs", "drugs"))
MOVES = (
    "answered", "reopened", "handed_over", "joined", "edited", "cut", "continued", "silent", "blocked", "closed",
)  # fmt: skip
VICTIMS = (4, 5, 10, 11)  # these lose money, too: two on each messenger
TOLD = {"when": "бүгін 10:20", "sum": "250 000", "account": "4400 4301 5555 0001", "link": "https://tez-kredit.example/pay",
        "bank": "Kaspi"}  # fmt: skip
CODE = re.compile(r"\b\d{3} \d{3} \d{3} \d{3}\b")


@contextmanager
def everything_logged(into: io.StringIO) -> Iterator[None]:
    """At DEBUG, by structlog and by the libraries; those the program silences stay silent."""
    root, before = logging.getLogger(), structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in (*SILENCED, "simulator")}
    handlers, level = root.handlers[:], root.level
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    for name in levels:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.handlers[:] = [logging.StreamHandler(into)]
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)
        structlog.configure(**before)


def picture(owner: str) -> str:
    """As a camera writes it: with its owner inside."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Artist] = exif[ExifTags.Base.Make] = owner
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


# -- people


async def arrives(stage: Stage, who: Canary, language: str) -> Person:
    more: dict[str, Any] = {"username": who.username, "phone": who.phone}
    if who.messenger == "telegram":
        more["telegram_id"] = who.telegram_id
    return await resident(stage, who.messenger, language, name=who.name, **more)


def kind_of(number: int) -> tuple[str, str]:
    return KINDS[number // 10 % len(KINDS)]


async def all_send(stage: Stage, people: dict[int, Person]) -> None:
    """Step by step, all at once: the story is the same for all of them and tells of nobody."""

    async def tile_of(number: int, person: Person) -> None:
        await person.picks(tile(kind_of(number)[0], person.language))

    async def category_of(number: int, person: Person) -> None:
        await person.picks(category(kind_of(number)[1], person.language))

    async def story(number: int, person: Person) -> None:
        await person.says("Түнгі екіде айғай-шу" if person.language == "kk" else "Кричат во втором часу ночи")

    async def file(number: int, person: Person) -> None:
        if number % 5 == 0:
            await person.sends("photo", content=picture(file_of(canary(number))))
        elif number % 5 == 1:
            content = base64.b64encode(b"%PDF-1.4 a bill").decode()
            await person.sends("document", content=content, file_name=f"{file_of(canary(number))}.pdf")

    numbers = {person.id: number for number, person in people.items()}
    await stage.together(people.values(), lambda person: person.says("/tip"))
    for step in (tile_of, category_of, story, file):
        await stage.together(people.values(), lambda person, step=step: step(numbers[person.id], person))
    for label in ("Done", "In my precinct", "Send without my name", "Send"):
        await stage.together(people.values(), lambda person, label=label: person.picks(label))


async def numbers_of(stage: Stage, people: dict[int, Person]) -> dict[int, tuple[int, str]]:
    """Of each one's own tip, and its secret code."""
    found: dict[int, tuple[int, str]] = {}
    for number, person in people.items():
        said = "\n".join(person.said)
        match, code = re.search(r"(?:Нөмірі|Номер): (\d+)", said), CODE.search(said)
        assert match is not None, (person.id, said)
        assert code is not None, (person.id, said)
        found[number] = int(match[1]), code[0].replace(" ", "")
    return found


async def loses_money(person: Person, number: int) -> int:
    """Asked step by step; screenshots with the owner's name in them and on them. The number of the tip."""
    await person.says("/tip")
    await person.picks(tile("fraud", person.language))
    await person.picks(category("fraud_victim", person.language))
    for answer in TOLD.values():
        await person.says(answer)
    await person.sends("photo", content=picture(file_of(canary(number))))
    name = f"{file_of(canary(number))}.jpg"
    await person.sends("document", content=picture(file_of(canary(number))), file_name=name, mime="image/jpeg")
    await person.picks("Done")
    await person.picks("Send without my name")
    await person.picks("Send")
    return number_in(person)


# -- what becomes of their tips


def words(text: str = "Патруль проверил двор") -> PartDraft:
    return PartDraft(PartKind.TEXT, text)


async def person_of(unit: Unit, messenger: str, address: str) -> Known:
    found = await unit.residents.known(Messenger(messenger), address)
    assert found is not None
    return found


async def holder_of(unit: Unit, tip: Tip) -> OfficerView:
    if tip.officer_id is not None:
        return await unit.officers.get(tip.officer_id)
    return (await unit.officers.on_desk(tip.desk_id or 0))[0]


async def lives(stage: Stage, tip: Tip, sender: Person, move: str, code: str, beside: Tip) -> None:
    """One way a tip can go. Each step is a turn of its own, by who may do it."""
    async with stage.app.units() as unit:
        tips, holder = unit.tips, await holder_of(unit, tip)
        speaker = await person_of(unit, "telegram", "2001")
        mine = await person_of(unit, sender.messenger, sender.address)
        if move in ("silent", "handed_over", "cut"):
            if move == "cut":
                await tips.cut(mine, tip.id)
            if move == "handed_over":
                other = await unit.territory.by_code("102")
                assert other is not None
                await tips.hand_over(holder, tip.id, "other_precinct", Destination(other.id), "Это за рекой")
            return
        await tips.take(holder, tip.id)
        await tips.ask(holder, tip.id, words("Какой подъезд?"), speaker)
        await tips.add(mine, tip.id, words("Второй"))
        await tips.answer(holder, tip.id, words("Патруль едет"), speaker)
        await tips.note(holder, tip.id, words("Бывали здесь и раньше"), speaker)
        if move == "edited":
            await tips.add(mine, tip.id, PartDraft(PartKind.TEXT, "Третий", source=f"{sender.address}:900"))
            await tips.edited(mine, f"{sender.address}:900", "Нет, второй")
        if move == "continued":
            other_phone = await person_of(unit, "telegram", "1003")
            assert (await tips.continue_tip(other_phone, tip.number, code)).tip is not None
            return
        if move == "blocked":
            await tips.block_sender(holder, tip.id, "prank")
            return
        if move == "joined" and not beside.closed_at:
            await tips.open_incident(holder, tip.id)
            await tips.join(holder, beside.id, tip.id)
        await tips.close(holder, tip.id, "measures_taken", words(), speaker)
        await tips.rate(mine, tip.id, 5 if move != "reopened" else 2)
        await tips.comment(mine, tip.id, words("Спасибо"))
        if move == "reopened":
            await tips.reopen(mine, tip.id)


async def talks_to_the_end(stage: Stage, person: Person, number: int, inspector: Person) -> None:
    """The same by their own presses."""
    await shows(inspector, number)
    await inspector.picks("Take into work")
    assert await person.hears(TAKEN, number=number)
    await inspector.picks("Ask a question")
    await inspector.says("Во сколько это было?")
    await person.catch_up()
    await person.says("В два часа ночи")
    tip = await tip_of(stage, number)
    await inspector.forges(Past(do="show", tip=tip.id).pack())
    await inspector.picks("Note for colleagues")
    await inspector.says("Проверить и завтра")
    await shows(inspector, number)
    await closes(inspector, number)
    assert await person.hears(CLOSED, number=number)
    await person.picks("5 – very good")
    await person.says("/mine")
    await person.picks(f"№ {number}")
    await person.says("/faq")


# -- looking


async def officers_views(stage: Stage, tips: list[Tip]) -> list[tuple[str, str]]:
    """All that services tell any officer, written out."""
    found: list[tuple[str, str]] = []
    async with stage.app.units() as unit:
        officers = await unit.officers.everyone()
        for officer in officers:
            for sort in Sort:
                found.append((f"list of {officer.badge}", repr(await unit.tips.page_of(officer, sort))))
            found.append((f"held by {officer.badge}", repr(await cast.held(unit, officer))))
            if officer.has(Role.HEAD):
                found.append((f"blocked for {officer.badge}", repr(await unit.tips.blocked_senders(officer))))
            seen = set(await unit._session.scalars(select(Tip.id).where(visible_to(officer))))
            for tip in (tip for tip in tips if tip.id in seen):
                found.append((f"card of {tip.number}", repr(await unit.tips.card(officer, tip.id))))
                found.append((f"talk of {tip.number}", repr(await unit.tips.history(officer, tip.id, 0))))
                found.append((f"talk of {tip.number}", repr(await unit.tips.history(officer, tip.id))))
                found.append((f"explain {tip.number}", repr(await unit.tips.explain(officer, tip.id))))
                found.append((f"together {tip.number}", repr(await unit.tips.together(officer, tip.id))))
                found.append((f"evidence of {tip.number}", repr(await unit.tips.evidence(officer, tip.id))))
        start = min(tip.created_at for tip in tips)
        found.append(("statistics", repr(await unit.statistics.routed(start))))
    return found


def screens_of_others(stage: Stage, people: dict[int, Person]) -> Iterator[tuple[str, str]]:
    """What the bot has said to anybody but them, groups and the one who continued a tip included."""
    own = {person.id for person in people.values()}
    for key, chat in stage.stand.world.chats.items():
        if key not in own:
            lines = [line.raw for line in chat.lines.values() if line.sender == BOT]
            yield f"screen of {key}", json.dumps(lines, ensure_ascii=False, default=str)
            yield f"alerts of {key}", "\n".join(toast.text for toast in chat.toasts)


def files_of_others(stage: Stage, people: dict[int, Person]) -> Iterator[tuple[str, bytes]]:
    """What anybody else can open or save. A photo that stays on Telegram is not carried by us: Telegram itself takes
    out what the camera wrote."""
    own, world = {person.id for person in people.values()}, stage.stand.world
    on_telegram = [key for key in own if world.people[key].channel == "telegram"]
    theirs = [line.raw for key in on_telegram for line in world.chat(key).lines.values() if line.sender != BOT]
    photos = {file for raw in theirs for file in _files(raw) if world.files[file].kind == "photo"}
    for key, chat in world.chats.items():
        sent = {file for line in chat.lines.values() if line.sender == BOT for file in _files(line.raw)}
        for file in (world.files[file] for file in sorted(sent - photos) if key not in own):
            yield f"file of {key}", file.content
            yield f"file of {key}", file.name.encode()


def _files(raw: Any) -> set[str]:
    """Ids of files in a message, on either messenger."""
    if isinstance(raw, dict):
        named = {raw["file_id"]} if "file_id" in raw else set(raw.get("media") or [])
        return named.union(*(_files(value) for value in raw.values() if isinstance(value, dict | list)))
    return set().union(*(_files(value) for value in raw if isinstance(value, dict | list)))


# -- what the command line writes out

Exported = list[tuple[str, str | bytes]]
EXPORTED = {"answers", "links", "misroutes", "poster.pdf", "map.html", "compare.html", "evidence.pdf", "evidence.json"}


@pytest.fixture
def next_year(tmp_path: Path) -> Path:
    """A territory to compare with: two precincts that change their land."""
    folder = tmp_path / "next"
    shutil.copytree("demo", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / "territory.geojson"
    borders = json.loads(file.read_text(encoding="utf-8"))
    one, other = [item for item in borders["features"] if item["properties"]["code"] in ("101", "102")]
    one["geometry"], other["geometry"] = other["geometry"], one["geometry"]
    file.write_text(json.dumps(borders), encoding="utf-8")
    return folder


async def exports(stage: Stage, next_year: Path, victims: list[int]) -> Exported:
    """Each command's files and lines, by its name."""
    settings, out, said = stage.app.settings, next_year.parent / "out", list[str]()

    lines: dict[str, list[str]] = {
        "answers": await export_answers(settings),
        "links": await poster_links(settings),
        "misroutes": await misroutes(settings, None),
    }
    await write_posters(settings, None, out / "poster", said.append)
    await draw(settings, out / "map" / "page.html", said.append)
    await load(settings, next_year, is_dry=False, activate=False, say=said.append)
    await comparison(settings, None, out / "compare" / "page.html", said.append)
    for number in victims:
        await evidence(settings, number, out / "evidence", said.append)
    found: Exported = [(name, "\n".join(table)) for name, table in lines.items()]
    found.append(("said by commands", "\n".join(said)))
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        kind = path.parent.name + path.suffix
        found += [(kind, path.read_bytes()), (kind, path.name.encode())]
    return found


async def test_every_export_is_searched() -> None:
    """`territory compare` beside them writes a page, too."""
    commands = {command.name for command in export.registered_commands}
    assert {"export", "load"} == {command.name for command in answers.registered_commands}
    assert {name.partition(".")[0] for name in EXPORTED} == {*commands, "answers", "compare"}


# -- everywhere


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The database with its log, and all media."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
            yield f"name of {path.name}", path.name.encode()


async def harvest(stage: Stage, folder: Path, people: dict[int, Person], exported: Exported) -> list[str]:
    """Everything that was found where it may not be."""
    net = Net([canary(number) for number in people])
    async with stage.app.database.reading() as session:
        tips = list(await session.scalars(select(Tip).order_by(Tip.id)))
        audit = [repr((row.action, row.subject, row.facts)) for row in await session.scalars(select(AuditEntry))]
    places: list[tuple[str, str | bytes]] = [
        *await officers_views(stage, tips),
        *screens_of_others(stage, people),
        *files_of_others(stage, people),
        *exported,
        ("audit", "\n".join(audit)),
        ("metrics", generate_latest()),
        *files_in(folder),
    ]
    assert len([name for name, _content in places if name.startswith("card of")]) >= len(people) // 2
    assert any(name.endswith("korshi.db") and len(content) > 100_000 for name, content in places)
    return [leak for name, content in places for leak in net.caught(name, content)]


# -- the tests


@pytest.mark.timeout(600)
async def test_nothing_of_a_hundred_hidden_senders_is_anywhere(
    tmp_path: Path, demo_database: Path, next_year: Path
) -> None:
    logged, folder = io.StringIO(), tmp_path / "installation"
    folder.mkdir()
    with everything_logged(logged):
        async with staged(folder, demo_database, StageClock()) as stage:
            people = {
                number: await arrives(stage, canary(number), "kk" if number % 2 else "ru") for number in range(PEOPLE)
            }
            await all_send(stage, people)
            told = await numbers_of(stage, people)
            assert len({number for number, _code in told.values()}) == PEOPLE
            inspector = await stage.existing("t2001", "kk")
            for number in WHOLE:
                await talks_to_the_end(stage, people[number], told[number][0], inspector)
            for number, person in people.items():
                tip = await tip_of(stage, told[number][0])
                assert (tip.resident_id, tip.name) == (None, None)
                if number in WHOLE:
                    continue
                move = MOVES[number % len(MOVES)]
                beside = await tip_of(stage, told[number + 4][0]) if move == "joined" else tip  # a silent one
                await lives(stage, tip, person, move, told[number][1], beside)
            victims = [await loses_money(people[number], number) for number in VICTIMS]
            cyber = await stage.existing("t2013", "kk")
            for number in victims:
                await cyber.forges(Bundled(tip=(await tip_of(stage, number)).id).pack())
            await stage.settle(120.0)
            exported = await exports(stage, next_year, victims)
            assert {name for name, _content in exported} == {*EXPORTED, "said by commands"}
            leaks = await harvest(stage, folder, people, exported)
            asked = [content for name, content in files_of_others(stage, people) if name == f"file of {cyber.id}"]
        bundles = [content for content in asked if content.startswith((b"{", b"%PDF-"))]
        assert len(bundles) == 2 * len(VICTIMS)
        assert all(said.encode() in bundle for bundle in bundles if bundle[:1] == b"{" for said in TOLD.values())
        leaks += [leak for name, content in files_in(folder) for leak in _net().caught(f"closed {name}", content)]
    leaks += _net().caught("log", logged.getvalue())
    assert len(logged.getvalue()) > 1000
    assert leaks == []


def _net() -> Net:
    return Net([canary(number) for number in range(PEOPLE)])


def plant_in_exports(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each command tells this name, in its own way."""

    def also(owner: Any, what: str, change: Callable[[Any], Any]) -> None:
        made = getattr(owner, what)
        monkeypatch.setattr(owner, what, lambda *given: change(made(*given)))

    page, links, bundle = bot.maps.page._page, bot.commands.start_links, Tips.bundle

    async def linked(*given: Any) -> list[str]:
        return [*await links(*given), name]

    async def told(self: Tips, tip_id: int) -> Bundle:
        found = await bundle(self, tip_id)
        return replace(found, tip=replace(found.tip, sender=name))

    both = Bilingual(name, name)
    also(bot.commands.exports, "_table", lambda table: [*table, (name,)])
    also(bot.commands.answers, "_lines", lambda lines: [*lines, name])
    also(bot.poster.gathering, "_of_officer", lambda card: replace(card, name=both))
    monkeypatch.setattr(bot.maps.page, "_page", lambda title, lead, *rest: page(title, [*lead, both], *rest))
    monkeypatch.setattr(bot.commands, "start_links", linked)
    monkeypatch.setattr(Tips, "bundle", told)


@pytest.mark.parametrize("leak", ["alias", "log", "exports", "none"])
async def test_a_planted_leak_is_found(
    leak: str, tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch, next_year: Path
) -> None:
    write, logged, folder = SentTips._write, io.StringIO(), tmp_path / "installation"
    folder.mkdir()

    async def leaking(self: SentTips, person: Known, *arguments: Any) -> Tip:
        tip = await write(self, person, *arguments)
        if leak == "alias":
            tip.alias = person.name or ""
        if leak == "log":
            structlog.get_logger("bot.tips").debug("tip.written", sender=person.name)
        return tip

    monkeypatch.setattr(SentTips, "_write", leaking)
    with everything_logged(logged):
        async with staged(folder, demo_database, StageClock()) as stage:
            people = {number: await arrives(stage, canary(number), "ru") for number in (1, 2)}
            await all_send(stage, people)
            exported: Exported = []
            if leak in ("exports", "none"):
                victim = await loses_money(people[1], 1)
                if leak == "exports":
                    plant_in_exports(monkeypatch, canary(1).name)
                exported = await exports(stage, next_year, [victim])
            leaks = await harvest(stage, folder, people, exported)
    leaks += _net().caught("log", logged.getvalue())
    where = {found.partition(":")[0].partition(" of ")[0] for found in leaks}
    found = {"alias": {"card", "screen", "korshi.db-wal"}, "log": {"log"}, "exports": EXPORTED, "none": set[str]()}
    assert where >= found[leak], leaks
    assert (leaks == []) is (leak == "none")


# -- files as people open them


def pdf_with(words: str) -> bytes:
    pdf = FPDF()
    pdf.add_font("Sans", "", bot.bundler.FONTS / "DejaVuSans.ttf")
    pdf.add_font("Sans", "B", bot.bundler.FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    for style, text in (("B", "Қабылданды (Получено)"), ("", words)):
        pdf.set_font("Sans", style, 10)
        pdf.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def poster_with(words: str) -> bytes:
    name, nothing = Bilingual(words, words), Bilingual("", "")
    card = Card(name, nothing, nothing, nothing, "+7 700 000 01 01")
    sheet = Sheet("101", nothing, nothing, card, "102", [Link("Telegram", "https://t.me/korshi_bot?start=p_101")])
    return poster(sheet, START)


def workbook_with(words: str) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write_string(0, 0, words)
    return out.getvalue()


MADE: dict[str, Callable[[str], bytes]] = {
    "evidence.pdf": pdf_with,
    "poster.pdf": poster_with,
    "table.xlsx": workbook_with,
    "table.csv": lambda words: f"1;{words};2\n".encode(),
    "page.html": lambda words: f"<p title='{words}'>…</p>".encode(),
    "evidence.json": lambda words: json.dumps({"sender": words}).encode(),
}


@pytest.mark.parametrize("kind", MADE)
async def test_the_net_reads_files_as_people_open_them(kind: str) -> None:
    who, make = canary(1), MADE[kind]
    for planted in (who.name, f"@{who.username}", who.phone, str(who.telegram_id)):
        assert _net().caught(kind, make(planted)) != [], planted
    assert _net().caught(kind, make("Әсел (Асель), +7 700 000 01 01")) == []


@pytest.mark.parametrize("place", [0, 1, 5, 4096])
async def test_the_net_reads_numbers_as_programs_keep_them(place: int, tmp_path: Path) -> None:
    number = canary(3).phone.lstrip("+")
    with sqlite3.connect(tmp_path / "one.db") as database:
        database.execute("create table of_somebody (id integer, phone integer)")
        database.execute("insert into of_somebody values (1, ?)", [int(number)])
    database.close()
    for kept in (struct.pack("<q", int(number)), int(number).to_bytes(6, "big"), (tmp_path / "one.db").read_bytes()):
        assert _net().caught("kept", b"\1" * place + kept) == [f"kept: {number}"]
        assert _net().caught("kept", b"\1" * place + kept.replace(kept[-6:], b"\0\1\0\x12\1\1")) == []


@pytest.mark.parametrize("identity", [Identity.HIDDEN, Identity.NAMED])
async def test_evidence_tells_what_its_sender_says_and_of_a_hidden_one_nothing_else(
    identity: Identity, tmp_path: Path, demo_database: Path
) -> None:
    """He writes his own name once, where he is asked for the bank: there it belongs to what he says."""
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    settings, said = settings_for(tmp_path, "http://127.0.0.1:1", 1), list[str]()
    units, told = units_on(settings.database_url, FakeClock()), TOLD | {"bank": "Kaspi, картаның иесі Роза Тестова"}
    file = MediaDraft(PartKind.DOCUMENT, "file-1", "image/jpeg", 9)
    async with units() as unit:
        person = await unit.residents.meet(Messenger.TELEGRAM, "7000000001", "Роза Тестова")
        parts = [words("Ақшам кетті"), PartDraft(PartKind.DOCUMENT, "чек", file)]
        sent = await cast.submit(unit, person, "fraud_victim", identity, evidence=told, parts=parts)
    (tip,) = await cast.rows(units, Tip, Tip.id == sent.id)
    await evidence(settings, sent.number, tmp_path / "out", said.append)
    pdf, data = (Path(path).read_bytes() for path in said)
    found = json.loads(data)
    is_named = identity is Identity.NAMED
    assert set(found) == {"tip", "made_at", "received_at", "category", "sender", "place", "point", "damage_tenge",
                          "answers", "messages"}  # fmt: skip
    assert {key for message in found["messages"] for key in message} == {"at", "by", "kind", "text", "file"}
    assert found["messages"][1]["file"].keys() == {"sha256", "mime", "size"}
    assert (found["answers"], [message["text"] for message in found["messages"]]) == (told, ["Ақшам кетті", "чек"])
    assert ("Роза" in found["sender"], found["sender"] == tip.alias) == (is_named, not is_named)
    assert data.decode().count("Роза") == 1 + is_named
    pages = [piece for piece in pdf_pieces(pdf) if isinstance(piece, str)]
    assert max(page.count("Роза") for page in pages) == 1 + is_named
    assert any(told["account"] in page and told["link"] in page for page in pages)
    assert not any(secret in text for secret in ("7000000001", "file-1") for text in (data.decode(), *pages))
    await units.house.database.close()
