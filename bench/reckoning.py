"""After the storm: what both sides know about every tip and every recipient."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from bench.crowd import WORDS, Crowd
from bench.town import Inhabitant, Town
from bot.config import Settings
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.store.inbox import InboxItem
from bot.store.notices import Notice
from bot.store.tips import TipPart
from bot.store.warnings import Warning

OFFICERS = [f"t{number}" for number in range(2001, 2029)]  # of the demo department
AT_ONCE = 16


@dataclass
class Reckoning:
    """`doubled` counts what a phone got more than once, by kind; `faults` are sentences."""

    updates: int = 0
    tips: int = 0
    doubled: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def reckon(town: Town, crowd: Crowd) -> Reckoning:
    settings = Settings(_env_file=None, **town.settings)  # type: ignore[arg-type]
    keys.install(key_ring(settings))
    database = Database(settings.database_url)
    found = Reckoning()
    try:
        await _in_the_store(database, crowd, found)
        warnings = await _warnings(database)
    finally:
        await database.close()
    if len(warnings) != 1:
        found.faults.append(f"{len(warnings)} warnings were published, not one")
    for signs in warnings:
        await _the_warning(town, signs, found)
    await _the_numbers(town, crowd, found)
    await _the_cards(town, crowd, found)
    return found


async def _in_the_store(database: Database, crowd: Crowd, found: Reckoning) -> None:
    """Every story that was sent is in exactly one tip, and nothing was set aside."""
    tips_of: dict[str, set[int]] = defaultdict(set)
    tokens = [teller.token for teller in crowd.tellers]
    async with database.reading() as session:
        for part in await session.scalars(select(TipPart).where(TipPart.purpose == "story")):
            for token in tokens:
                if token in (part.text or ""):
                    tips_of[token].add(part.tip_id)
        found.updates = await session.scalar(select(func.count()).select_from(InboxItem)) or 0
        by = select(InboxItem.outcome, func.count()).group_by(InboxItem.outcome)
        outcomes: dict[str, int] = dict((await session.execute(by)).all())
        states = select(Notice.kind, Notice.state, Notice.error, func.count())
        lost = states.where(Notice.state.in_(("failed", "unknown", "sending", "due")))
        lost = lost.where(Notice.kind.in_(("warning", "tip_sent", "card")))
        groups = (await session.execute(lost.group_by(Notice.kind, Notice.state, Notice.error))).all()
    found.tips = sum(len(ids) for ids in tips_of.values())
    found.faults += [f"{count} notices {kind} ended as {state} {error}" for kind, state, error, count in groups]
    if outcomes.get("parked"):
        found.faults.append(f"{outcomes['parked']} updates were parked")
    if outcomes.get(""):
        found.faults.append(f"{outcomes['']} updates were never handled")
    for teller in crowd.tellers:
        count = len(tips_of[teller.token])
        if teller.is_sent and count == 0:
            found.faults.append(f"lost: {teller.id} sent {teller.token}, and there is no such tip")
        if count > 1:
            found.faults.append(f"doubled: {teller.id} sent {teller.token}, and there are {count} tips")


async def _warnings(database: Database) -> list[tuple[str, ...]]:
    """By what each is known on a phone: its code, and where a template has no place for it its first words."""
    async with database.reading() as session:
        rows = await session.execute(select(Warning.code, Warning.text_kk, Warning.text_ru))
        return [(code, kk.splitlines()[0], ru.splitlines()[0]) for code, kk, ru in rows]


async def _the_warning(town: Town, signs: tuple[str, ...], found: Reckoning) -> None:
    copies = await _copies(town, town.inhabitants, *signs)
    missed = [who.id for who, count in copies.items() if count == 0]
    if missed:
        found.faults.append(f"the warning did not reach {len(missed)} recipients: {', '.join(missed[:10])}")
    if len(copies) != town.recipients:
        found.faults.append(f"there are {len(copies)} recipients, not {town.recipients}")
    found.doubled["warning"] = sum(count - 1 for count in copies.values() if count > 1)


async def _the_numbers(town: Town, crowd: Crowd, found: Reckoning) -> None:
    """The promise of a tip: its number has come."""
    for language in (0, 1):
        tellers = [teller for teller in crowd.tellers if teller.is_russian == bool(language) and teller.is_sent]
        copies = await _copies(town, [Inhabitant(teller.id) for teller in tellers], WORDS["accepted"][language])
        silent = [who.id for who, count in copies.items() if count == 0]
        if silent:
            found.faults.append(f"the number of the tip did not reach {', '.join(silent[:10])}")
        found.doubled["number"] += sum(count - 1 for count in copies.values() if count > 1)


async def _the_cards(town: Town, crowd: Crowd, found: Reckoning) -> None:
    """Every story stands on a card of its holder."""
    seen: Counter[tuple[str, str]] = Counter()
    for officer in OFFICERS:
        for message in await town.chat(Inhabitant(officer)):
            for teller in crowd.tellers:
                if teller.token in message["text"]:
                    seen[officer, teller.token] += 1
    shown = {token for _officer, token in seen}
    missing = [teller.token for teller in crowd.tellers if teller.is_sent and teller.token not in shown]
    if missing:
        found.faults.append(f"{len(missing)} tips reached no officer: {', '.join(missing[:10])}")
    found.doubled["card"] = sum(count - 1 for count in seen.values())


async def _copies(town: Town, people: list[Inhabitant], *signs: str) -> dict[Inhabitant, int]:
    places = asyncio.Semaphore(AT_ONCE)

    async def count(who: Inhabitant) -> int:
        async with places:
            return sum(any(sign in message["text"] for sign in signs) for message in await town.chat(who))

    counts = await asyncio.gather(*(count(who) for who in people))
    return dict(zip(people, counts, strict=True))
