"""People who write to Korshi: who they are to us, in which language, with which consent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.officers import Officers, OfficerView
from bot.store import keys
from bot.store.base import new_id
from bot.store.endpoints import Endpoint
from bot.store.notices import FORMER_LANGUAGE, TO_PERSON, Notice, named
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.talks import Talk
from bot.store.warnings import Warning
from bot.terms import EndpointState, Language, Messenger

CONSENT_VERSION = "2026-11"
WHATSAPP_WINDOW = timedelta(hours=24)  # Meta's customer service window: free text is allowed inside it
HEARD_EVERY = timedelta(minutes=10)  # not every word is written down: the window kept is at most so much too short

LASTS_IN_MIND = timedelta(days=31)  # a warning holds for thirty days at most


@dataclass(frozen=True, slots=True)
class Person:
    """Who is speaking in this turn."""

    id: int
    endpoint_id: int
    messenger: Messenger
    language: Language | None
    name: str | None
    precinct_id: int | None
    has_consent: bool
    is_blocked: bool
    is_stopped: bool
    officer: OfficerView | None = None


_Found: TypeAlias = tuple[Endpoint, Resident, Officer | None]


def address_fingerprint(messenger: Messenger, address: str) -> bytes:
    return keys.ring().fingerprint("endpoint", messenger, address)


def user_number(address: str) -> int:
    """A steady number for an address that has none of its own: aiogram's types want one. 48 bits, never shown."""
    return int.from_bytes(keys.ring().fingerprint("user", address)[:6])


_LOOK = (  # said once: it opens every turn
    select(Endpoint, Resident, Officer, Talk)
    .select_from(Endpoint)
    .join(Resident, Resident.id == Endpoint.resident_id)
    .outerjoin(Officer, Officer.resident_id == Resident.id)
    .outerjoin(Talk, Talk.key == bindparam("talk"))
    .where(Endpoint.fingerprint == bindparam("fingerprint"))
)


class Residents:
    def __init__(
        self, session: AsyncSession, clock: Clock, officers: Officers, after_commit: Callable[[str], None]
    ) -> None:
        self._session, self._clock, self._officers, self._after_commit = session, clock, officers, after_commit
        self._expected: dict[tuple[Messenger, str], _Found | None] = {}

    async def expect(self, messenger: Messenger, address: str, talk: bytes) -> None:
        """Who will be asked for first in this turn, read with where the dialog stands: one statement for both."""
        self._expected[messenger, address] = await self._look(messenger, address, talk)

    async def meet(self, messenger: Messenger, address: str, name: str, *, heard: bool = True) -> Person:
        """The person at this address, written down at the first meeting. Hearing from them reopens the endpoint."""
        now = self._clock.now()
        found = await self._find(messenger, address)
        if found is None:
            return await self._write_down(messenger, address, name, now)
        endpoint, resident, officer = found
        if heard:
            await self._hear(endpoint, resident, now)
        view = await self._officers.view(officer) if officer and officer.is_active else None
        return _person(endpoint, resident, view)

    async def known(self, messenger: Messenger, address: str) -> Person | None:
        found = await self._find(messenger, address)
        if found is None:
            return None
        endpoint, resident, officer = found
        view = await self._officers.view(officer) if officer and officer.is_active else None
        return _person(endpoint, resident, view)

    async def _find(self, messenger: Messenger, address: str) -> _Found | None:
        if (messenger, address) in self._expected:
            return self._expected.pop((messenger, address))
        return await self._look(messenger, address)

    async def _look(self, messenger: Messenger, address: str, talk: bytes | None = None) -> _Found | None:
        asked = {"talk": talk, "fingerprint": address_fingerprint(messenger, address)}
        row = (await self._session.execute(_LOOK, asked)).first()
        return None if row is None else (row[0], row[1], row[2])

    async def _write_down(self, messenger: Messenger, address: str, name: str, now: datetime) -> Person:
        resident = Resident(id=new_id(now), messenger=messenger, created_at=now)
        resident.name = name
        endpoint = Endpoint(
            id=new_id(now),
            messenger=messenger,
            fingerprint=address_fingerprint(messenger, address),
            resident_id=resident.id,
            heard_at=now,
            state=EndpointState.OPEN,
            state_reason="",
        )
        endpoint.address = address
        if messenger is Messenger.WHATSAPP:
            endpoint.window_until = now + WHATSAPP_WINDOW
        resident.endpoint_id = endpoint.id
        self._session.add(resident)
        await self._session.flush()
        self._session.add(endpoint)
        await self._session.flush()
        return _person(endpoint, resident, None)

    async def _hear(self, endpoint: Endpoint, resident: Resident, now: datetime) -> None:
        if now - endpoint.heard_at >= HEARD_EVERY:
            endpoint.heard_at = now
        if endpoint.misses:
            endpoint.misses = 0
        until = now + WHATSAPP_WINDOW
        is_short = endpoint.window_until is None or until - endpoint.window_until >= HEARD_EVERY
        if endpoint.messenger == Messenger.WHATSAPP and is_short:
            endpoint.window_until = until
        if endpoint.state != EndpointState.OPEN:
            endpoint.state, endpoint.state_reason = EndpointState.OPEN, ""
        if resident.endpoint_id != endpoint.id:
            resident.endpoint_id, resident.messenger = endpoint.id, endpoint.messenger

    async def _change(self, person: Person, **values: Any) -> None:
        await self._session.execute(update(Resident).where(Resident.id == person.id).values(**values))

    async def choose_language(self, person: Person, language: Language) -> None:
        """The warnings he has are in the former one: whatever is corrected in them concerns him."""
        await self._change(person, language=language)
        if person.officer is not None:
            self._after_commit("staff")
        if person.language is not None and person.language is not language:
            since = self._clock.now() - LASTS_IN_MIND
            still_out = select(Warning.id).where(Warning.created_at > since, Warning.recalled_at.is_(None))
            mine = update(Notice).where(
                Notice.warning_id.in_(still_out), Notice.resident_id == person.id, named(TO_PERSON)
            )  # fmt: skip
            await self._session.execute(mine.values(part_id=FORMER_LANGUAGE))

    async def consent(self, person: Person) -> None:
        await self._change(person, consent_version=CONSENT_VERSION, consent_at=self._clock.now())

    async def settle(self, person: Person, precinct_id: int) -> None:
        """The house told before is forgotten when it can no longer be the own one."""
        is_same = Resident.precinct_id == precinct_id
        home = {column.key: case((is_same, column), else_=None) for column in (Resident.home, Resident.home_number)}
        await self._change(person, precinct_id=precinct_id, former_precinct_id=None, **home)

    async def choose_quiet(self, person: Person, hours: tuple[int, int] | None) -> None:
        """Own quiet hours, minutes of the local day; None: the department's. Equal ends would be no hours at all."""
        start, end = hours or (None, None)
        await self._change(person, quiet_from=start, quiet_until=end)

    async def quiet_of(self, person: Person) -> tuple[int, int] | None:
        query = select(Resident.quiet_from, Resident.quiet_until).where(Resident.id == person.id)
        start, end = (await self._session.execute(query)).one()
        return None if start is None or end is None else (start, end)

    async def stop(self, person: Person) -> None:
        """Nothing more is sent to this person on any messenger until they start again; the consent is withdrawn, and
        the own house forgotten."""
        now = self._clock.now()
        await self._change(
            person, stopped_at=now, consent_version=None, consent_at=None, home=None, home_number=None
        )  # fmt: skip

    async def start_again(self, person: Person) -> None:
        await self._change(person, stopped_at=None)

    async def close_endpoint(self, endpoint_id: int, state: EndpointState, reason: str) -> None:
        """Not reachable until it gives a sign of life."""
        where = Endpoint.id == endpoint_id
        await self._session.execute(update(Endpoint).where(where).values(state=state, state_reason=reason[:80]))

    async def block(self, resident_id: int, *, blocked: bool = True) -> None:
        when = self._clock.now() if blocked else None
        await self._session.execute(update(Resident).where(Resident.id == resident_id).values(blocked_at=when))


def _person(endpoint: Endpoint, resident: Resident, officer: OfficerView | None) -> Person:
    return Person(
        id=resident.id,
        endpoint_id=endpoint.id,
        messenger=Messenger(endpoint.messenger),
        language=Language(resident.language) if resident.language else None,
        name=resident.name,
        precinct_id=resident.precinct_id,
        has_consent=resident.consent_version == CONSENT_VERSION,
        is_blocked=resident.blocked_at is not None,
        is_stopped=resident.stopped_at is not None,
        officer=officer,
    )
