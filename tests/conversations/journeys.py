"""What people of many transcripts do first."""

from typing import Any

from sqlalchemy import select

from bot.data import load
from bot.services.residents import Person as Known
from bot.services.residents import address_fingerprint
from bot.services.talks import talk_key
from bot.services.unit import Unit
from bot.speech.calls import Card
from bot.store.base import Base
from bot.store.endpoints import Endpoint
from bot.store.talks import Talk
from bot.store.tips import Tip
from bot.terms import Language, Messenger
from tests.stage import Person, Stage

NOISE = ("yard", "noise_night")
DISCREET = ("children", "bullying")  # "safe to talk?" is asked first
SENT = (
    "Thank you! Your tip is accepted. Number: {number}. Answer due: {due}."
    " If you have something to add, write it right here."
)
ADDED = "Added to tip No. {number}."
TAKEN = "Work on tip No. {number} has begun. Inspector: {officer}."
CLOSED = "Tip No. {number} is closed. Outcome: {outcome}.\n{text}"


def tile(code: str, language: str) -> str:
    return str(next(item[language] for item in load("categories")["tile"] if item["code"] == code))


def category(code: str, language: str) -> str:
    """As it stands on its button."""
    found = next(item for item in load("categories")["category"] if item["code"] == code)
    return str(found.get(f"label_{language}", found[language]))


def outcome(code: str, language: str) -> str:
    return str(next(item[language] for item in load("outcomes")["outcome"] if item["code"] == code))


async def resident(
    stage: Stage, messenger: str = "telegram", language: str = "ru", *, precinct: str | None = "101", **more: Any
) -> Person:
    """Somebody who has been through the first meeting long ago."""
    person = await stage.person(messenger, language=language, **more)
    async with stage.app.units() as unit:
        known = await unit.residents.meet(Messenger(messenger), person.address, more.get("name", "Сана"))
        await unit.residents.choose_language(known, Language(language))
        await unit.residents.consent(known)
        if precinct is not None:
            place = await unit.territory.by_code(precinct)
            assert place is not None
            await unit.residents.settle(known, place.id)
    return person


async def begins(person: Person, kind: tuple[str, str] = NOISE) -> None:
    await person.says("/tip")
    await person.picks(tile(kind[0], person.language))
    await person.picks(category(kind[1], person.language))


async def tells(person: Person, story: str = "Музыка после полуночи", kind: tuple[str, str] = NOISE) -> None:
    """Up to the place."""
    await begins(person, kind)
    await person.says(story)
    await person.picks("Done")


async def comes_to(person: Person, step: str) -> None:
    """A tip's dialog at one of its steps."""
    if step == "category":
        await person.says("/tip")
        return
    if step == "safe":
        await begins(person, DISCREET)
        return
    if step == "money":
        await begins(person, ("fraud", "fraud_victim"))
        return
    await begins(person)
    if step == "story":
        return
    await person.says("Музыка после полуночи")
    await person.picks("Done")
    if step == "place":
        return
    await person.picks("In my precinct")
    if step in ("check", "damage"):
        await person.picks("Send without my name")
    if step == "damage":
        await person.picks("Add details")
        await person.picks("Damage in tenge")


async def sends_tip(person: Person, story: str = "Музыка после полуночи", *, kind: tuple[str, str] = NOISE) -> int:
    """The number it gets."""
    await tells(person, story, kind)
    await person.picks("In my precinct")
    await person.picks("Send without my name")
    await person.picks("Send")
    return number_in(person)


def number_in(person: Person) -> int:
    return int(person.fact("number", SENT))


async def closes(inspector: Person, number: int, words: str = "Провели беседу, шум прекращён") -> None:
    await shows(inspector, number)
    await inspector.picks("Close")
    await inspector.picks(outcome("measures_taken", inspector.language))
    await inspector.says(words)
    assert inspector.heard("Tip No. {number} is closed. The sender is told and asked for a rating.", number=number)


async def shows(inspector: Person, number: int) -> None:
    """From the list: however long it has become."""
    tip = await tip_of(inspector.stage, number)
    await inspector.says("/tips")
    await inspector.forges(Card(do="show", tip=tip.id).pack())


async def known(unit: Unit, person: Person) -> Known:
    found = await unit.residents.known(Messenger(person.messenger), person.address)
    assert found is not None
    return found


async def tip_of(stage: Stage, number: int) -> Tip:
    async with stage.app.database.reading() as session:
        tip = await session.scalar(select(Tip).where(Tip.number == number))
    assert tip is not None
    return tip


async def rows(stage: Stage, table: type[Base], *where: Any) -> list[Any]:
    async with stage.app.database.reading() as session:
        return list(await session.scalars(select(table).where(*where)))


async def state_of(person: Person) -> str | None:
    """Where the dialog stands."""
    key = talk_key(person.messenger, person.address, person.address)
    async with person.stage.app.database.reading() as session:
        talk = await session.get(Talk, key)
    return None if talk is None else talk.state


async def resident_id(person: Person) -> int:
    async with person.stage.app.database.reading() as session:
        where = Endpoint.fingerprint == address_fingerprint(Messenger(person.messenger), person.address)
        found = await session.scalar(select(Endpoint.resident_id).where(where))
    assert found is not None
    return found
