"""A hundred people send hidden tips, and nothing of who they are is anywhere but in their own chats and the vault."""

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from PIL import ExifTags, Image
from prometheus_client import generate_latest
from sqlalchemy import select

from bot.commands.exports import misroutes
from bot.services.officers import OfficerView
from bot.services.residents import Person as Known
from bot.services.tips import Destination, PartDraft, Sort, visible_to
from bot.services.tips.sending import SentTips
from bot.services.unit import Unit
from bot.setup import SILENCED
from bot.speech.calls import Past
from bot.store.audit import AuditEntry
from bot.store.tips import Tip
from bot.terms import Messenger, PartKind, Role
from simulator.things import BOT
from tests.canaries import Canary, Net, canary, file_of
from tests.conversations.journeys import CLOSED, TAKEN, category, closes, resident, shows, tile, tip_of
from tests.stage import Person, Stage, StageClock, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = 100
WHOLE = (0, 1, 3, 7)  # these talk to the end by themselves: two on each messenger
KINDS = (("yard", "noise_night"), ("road", "parking"), ("yard", "drunk_disorder"), ("drugs", "drugs"))
MOVES = (
    "answered", "reopened", "handed_over", "joined", "edited", "cut", "continued", "silent", "blocked", "closed",
)  # fmt: skip
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
            found.append((f"held by {officer.badge}", repr(await unit.tips.held_by(officer, 200))))
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


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The database with its log, and all media."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
            yield f"name of {path.name}", path.name.encode()


async def harvest(stage: Stage, folder: Path, people: dict[int, Person]) -> list[str]:
    """Everything that was found where it may not be."""
    net = Net([canary(number) for number in people])
    async with stage.app.database.reading() as session:
        tips = list(await session.scalars(select(Tip).order_by(Tip.id)))
        audit = [repr((row.action, row.subject, row.facts)) for row in await session.scalars(select(AuditEntry))]
    table = await misroutes(stage.app.settings, None)
    places: list[tuple[str, str | bytes]] = [
        *await officers_views(stage, tips),
        *screens_of_others(stage, people),
        ("audit", "\n".join(audit)),
        ("misroutes", "\n".join(table)),
        ("metrics", generate_latest()),
        *files_in(folder),
    ]
    assert len([name for name, _content in places if name.startswith("card of")]) >= len(people) // 2
    assert any(name.endswith("korshi.db") and len(content) > 100_000 for name, content in places)
    return [leak for name, content in places for leak in net.caught(name, content)]


# -- the tests


@pytest.mark.timeout(600)
async def test_nothing_of_a_hundred_hidden_senders_is_anywhere(tmp_path: Path, demo_database: Path) -> None:
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
            await stage.settle(120.0)
            leaks = await harvest(stage, folder, people)
        leaks += [leak for name, content in files_in(folder) for leak in _net().caught(f"closed {name}", content)]
    leaks += _net().caught("log", logged.getvalue())
    assert len(logged.getvalue()) > 1000
    assert leaks == []


def _net() -> Net:
    return Net([canary(number) for number in range(PEOPLE)])


@pytest.mark.parametrize("leak", ["alias", "log", "none"])
async def test_a_planted_leak_is_found(
    leak: str, tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, logged = SentTips._write, io.StringIO()

    async def leaking(self: SentTips, person: Known, *arguments: Any) -> Tip:
        tip = await write(self, person, *arguments)
        if leak == "alias":
            tip.alias = person.name or ""
        if leak == "log":
            structlog.get_logger("bot.tips").debug("tip.written", sender=person.name)
        return tip

    monkeypatch.setattr(SentTips, "_write", leaking)
    with everything_logged(logged):
        async with staged(tmp_path, demo_database, StageClock()) as stage:
            people = {number: await arrives(stage, canary(number), "ru") for number in (1, 2)}
            await all_send(stage, people)
            leaks = await harvest(stage, tmp_path, people)
    leaks += _net().caught("log", logged.getvalue())
    where = {found.partition(":")[0].partition(" of ")[0] for found in leaks}
    assert where >= {"alias": {"card", "screen", "korshi.db-wal"}, "log": {"log"}, "none": set()}[leak], leaks
    assert (leaks == []) is (leak == "none")
