"""People of the demo department, and what they usually do."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.routing import Case, Spot
from bot.services.tips import PartDraft, Submitted, TipDraft, TipView
from bot.services.unit import Unit, Units
from bot.store.base import Base
from bot.store.notices import Notice
from bot.terms import Identity, Messenger, PartKind, Urgency
from tests.clocks import START

ASKAR, ASEL, DUTY_D1, OWN_SECURITY = "A-1001", "A-1002", "A-1019", "A-1024"
CYBER, CYBER_TOO = "A-1013", "A-1014"
STAFF, HEAD, ADMIN = "A-1025", "A-1027", "A-1028"


async def officer(unit: Unit, badge: str) -> OfficerView:
    return await unit.officers.by_badge(badge)


async def resident(unit: Unit, telegram_id: int = 1002) -> Person:
    """Demo residents have the Telegram ids 1002 and up: language, consent and precinct are there."""
    person = await unit.residents.known(Messenger.TELEGRAM, str(telegram_id))
    assert person is not None
    return person


async def newcomer(unit: Unit, address: str = "990001", messenger: Messenger = Messenger.TELEGRAM) -> Person:
    return await unit.residents.meet(messenger, address, "Жаңа Тұрғын")


async def precinct_id(unit: Unit, code: str = "101") -> int:
    place = await unit.territory.by_code(code)
    assert place is not None
    return place.id


def case(spot: Spot, *handlers: str, urgency: Urgency = Urgency.U2, **more: Any) -> Case:
    """As the rules of routing look at it; the inspector's where nothing else is said."""
    return Case(handlers or ("inspector",), urgency, spot, at=more.pop("at", START), **more)


def words(text: str = "Музыка после полуночи", source: str = "") -> PartDraft:
    return PartDraft(PartKind.TEXT, text, source=source)


async def submit(
    unit: Unit, person: Person, category: str = "noise_night", identity: Identity = Identity.NAMED, **more: Any
) -> Submitted:
    """A tip from precinct 101."""
    more.setdefault("precinct_id", await precinct_id(unit))
    more.setdefault("parts", [words()])
    return await unit.tips.submit(person, TipDraft(category, identity=identity, **more))


async def sent_tip(units: Units, category: str = "noise_night", **more: Any) -> int:
    async with units() as unit:
        return (await submit(unit, await resident(unit), category, **more)).id


async def held(unit: Unit, officer: OfficerView) -> list[TipView]:
    """All an officer has in work, page after page."""
    first = await unit.tips.page_of(officer)
    others = [await unit.tips.page_of(officer, page=number) for number in range(1, first.pages)]
    return [tip for page in (first, *others) for tip in page.tips]


async def rows(units: Units, table: type[Base], *where: Any) -> Sequence[Any]:
    async with units.house.database.reading() as session:
        return list(await session.scalars(select(table).where(*where).order_by(*table.__table__.primary_key.columns)))


async def told(units: Units, *where: Any) -> list[tuple[str, int | None]]:
    """Kinds and recipients of promises, in their order."""
    return [(notice.kind, notice.resident_id) for notice in await rows(units, Notice, *where)]
