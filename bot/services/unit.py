"""Unit of work: one session, one transaction, the services bound to it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import QuietHours
from bot.services.answers import Answers
from bot.services.audit import Audit
from bot.services.calls import Calls
from bot.services.campaigns import Campaigns
from bot.services.chats import Chats
from bot.services.deliveries import Deliveries, Delivery, Rules, Settlement, Turnover
from bot.services.homes import Homes
from bot.services.inbox import Inbox
from bot.services.leases import Leases
from bot.services.media import MediaShelf
from bot.services.menus import Menus
from bot.services.neighbours import Neighbours
from bot.services.notices import Notices
from bot.services.officers import Officers
from bot.services.quotes import Quotes
from bot.services.register import Register
from bot.services.residents import Residents
from bot.services.roster import Roster
from bot.services.routing import Routing
from bot.services.seals import Seals
from bot.services.seeds import Seeds
from bot.services.statistics import Statistics
from bot.services.subscriptions import Subscriptions
from bot.services.talks import Talks
from bot.services.templates import Templates
from bot.services.territory import Territory, TerritoryIndex
from bot.services.tips import Tips
from bot.services.tips.codes import Codes
from bot.services.warnings import Warnings
from bot.store.database import Database


@dataclass(slots=True)
class House:
    """What every unit of this process shares."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    quiet: QuietHours | None
    territory: TerritoryIndex = field(default_factory=TerritoryIndex)
    codes: Codes = field(default_factory=Codes)
    whatsapp_tier: int = 0  # see services.deliveries.Rules
    own_chats_need_approval: bool = True  # see services.warnings.approving
    rates: Mapping[str, float] = field(default_factory=dict)  # messages a second of each messenger

    @property
    def rules(self) -> Rules:
        return Rules(self.zone, self.quiet, self.whatsapp_tier)


class Unit:
    """Services of one transaction. Only `Units` makes and commits it."""

    def __init__(self, session: AsyncSession, house: House) -> None:
        self._session, self._house = session, house
        self.rung: set[str] = set()  # what must be woken after the commit: "notices", "media", "warnings", "staff"

    def ring(self, bell: str) -> None:
        self.rung.add(bell)

    @property
    def clock(self) -> Clock:
        return self._house.clock

    @property
    def zone(self) -> ZoneInfo:
        return self._house.zone

    async def flush(self) -> None:
        await self._session.flush()

    @cached_property
    def audit(self) -> Audit:
        return Audit(self._session, self.clock)

    @cached_property
    def officers(self) -> Officers:
        return Officers(self._session, self.clock, self.audit, self.ring)

    @cached_property
    def residents(self) -> Residents:
        return Residents(self._session, self.clock, self.officers, self.ring)

    @cached_property
    def menus(self) -> Menus:
        return Menus(self._session)

    @cached_property
    def homes(self) -> Homes:
        return Homes(self._session, self.territory)

    @cached_property
    def register(self) -> Register:
        return Register(self._session, self.officers)

    @cached_property
    def chats(self) -> Chats:
        return Chats(self._session, self.clock, self.audit, self.notices)

    @cached_property
    def quotes(self) -> Quotes:
        return Quotes(self._session, self.clock, self.notices)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self._session, self.clock)

    @cached_property
    def territory(self) -> Territory:
        return Territory(
            self._session,
            self.clock,
            self._house.territory,
            self.chats,
            self.officers,
            self.audit,
            self.notices,
            self.roster,
            self.ring,
        )

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours(self._session, self.territory)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self._session, self.clock, self.ring)

    @cached_property
    def shelf(self) -> MediaShelf:
        return MediaShelf(self._session, self.clock, self.notices, self.ring)

    @cached_property
    def roster(self) -> Roster:
        return Roster(self._session, self.clock, self.zone, self.officers, self.audit, self.notices)

    @cached_property
    def routing(self) -> Routing:
        return Routing(self._session, self.roster)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self._session, self.audit)

    @cached_property
    def tips(self) -> Tips:
        return Tips(
            self._session,
            self.clock,
            self.zone,
            self.officers,
            self.routing,
            self.notices,
            self.shelf,
            self.roster,
            self.answers,
            self.audit,
            self._house.codes,
        )

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self._session, self.clock)

    @cached_property
    def warnings(self) -> Warnings:
        return Warnings(
            self._session,
            self.clock,
            self.zone,
            self._house.quiet,
            self.officers,
            self.notices,
            self.audit,
            self.ring,
            own_need_approval=self._house.own_chats_need_approval,
            rates=self._house.rates,
        )

    @cached_property
    def campaigns(self) -> Campaigns:
        return Campaigns(self._session, self.clock, self.zone, self.officers, self.warnings, self.notices, self.audit)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self._session)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(
            self._session,
            self.clock,
            self.tips,
            self.warnings,
            self.officers,
            self.shelf,
            self.templates,
            self._house.rules,
        )

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self._session, self.clock)

    @cached_property
    def talks(self) -> Talks:
        return Talks(self._session, self.clock)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self._session, self.clock)

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics(self._session, self.clock)

    @cached_property
    def seals(self) -> Seals:
        return Seals(self._session)

    @cached_property
    def seeds(self) -> Seeds:
        return Seeds(self._session)


class Units:
    """Opens units. Nothing but the database is awaited inside one."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._bells: dict[str, list[Callable[[], None]]] = {}

    def on(self, bell: str, call: Callable[[], None]) -> None:
        """`call` is called after every commit that rang `bell`. It must not block."""
        self._bells.setdefault(bell, []).append(call)

    @asynccontextmanager
    async def __call__(self, *, is_synced: bool = True) -> AsyncIterator[Unit]:
        """Writes; committed at the end, rolled back on any exception. `is_synced`: see store.database."""
        async with self.house.database.writing(is_synced=is_synced) as session:
            unit = Unit(session, self.house)
            yield unit
        for bell in unit.rung:
            for call in self._bells.get(bell, ()):
                call()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self.house.database.reading() as session:
            yield Unit(session, self.house)

    async def turn_over(self, done: Sequence[Settlement], ready: Sequence[Delivery]) -> list[Delivery]:
        """A unit of the courier's that says only this: see services.deliveries.turnover."""
        return await Turnover(self.house.database, self.house.clock, self.house.rules)(done, ready)
