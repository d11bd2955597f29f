"""People a demo department's files name: written down as if they had joined and agreed, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.residents import CONSENT_VERSION, address_fingerprint
from bot.services.territory.standing import pairs, slices
from bot.store.base import new_id
from bot.store.endpoints import Endpoint
from bot.store.residents import Resident
from bot.terms import EndpointState, Messenger


@dataclass(frozen=True, slots=True)
class NamedPerson:
    messenger: Messenger
    address: str
    name: str
    language: str
    precinct_id: int | None = None


async def accounts(session: AsyncSession, clock: Clock, people: Sequence[NamedPerson]) -> list[int]:
    """Resident ids in the order of `people`. Whoever is known already stays as he is."""
    keys = [address_fingerprint(person.messenger, person.address) for person in people]
    known: dict[bytes, int] = {}
    for some in slices(keys):
        known |= await pairs(session, Endpoint.fingerprint, Endpoint.resident_id, Endpoint.fingerprint.in_(some))
    endpoints = []
    for person, key in zip(people, keys, strict=True):
        if key not in known:
            resident, endpoint = _rows(person, key, clock)
            session.add(resident)
            endpoints.append(endpoint)
            known[key] = resident.id
    await session.flush()  # residents first: endpoints point at them
    session.add_all(endpoints)
    await session.flush()
    return [known[key] for key in keys]


def _rows(person: NamedPerson, key: bytes, clock: Clock) -> tuple[Resident, Endpoint]:
    now = clock.now()
    resident = Resident(
        id=new_id(now),
        language=person.language,
        precinct_id=person.precinct_id,
        messenger=person.messenger,
        consent_version=CONSENT_VERSION,
        consent_at=now,
        created_at=now,
    )
    resident.name = person.name
    endpoint = Endpoint(
        id=new_id(now),
        messenger=person.messenger,
        fingerprint=key,
        resident_id=resident.id,
        state=EndpointState.OPEN,
        state_reason="",
        heard_at=now,
    )
    endpoint.address = person.address
    resident.endpoint_id = endpoint.id
    return resident, endpoint
