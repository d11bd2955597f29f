"""Blocking who sends a tip without learning who it is."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from bot.errors import N_, KorshiError, NotAllowed, NotFound
from bot.services.officers import OfficerView
from bot.services.residents import Residents
from bot.services.tips.records import TipRecords
from bot.store.events import Event
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.tips import Tip, Vault
from bot.terms import Identity, Role

REASONS = ("spam", "prank", "insults", "flood")
SHOWN = 30


class SenderIsStaff(KorshiError):
    msgid = N_("This sender cannot be blocked.")


@dataclass(frozen=True, slots=True)
class BlockedSender:
    """By alias: the tip he was blocked for, never who he is."""

    tip_id: int
    number: int
    alias: str
    reason: str


class BlockedTips(TipRecords):
    async def block_sender(self, officer: OfficerView, tip_id: int, reason: str) -> str:
        """By the holder of the tip, with a reason; its number and alias stay all that is known. The alias.

        Raises NotFound where there is no link any more, SenderIsStaff."""
        tip = await self._held_tip(officer, tip_id)
        if reason not in REASONS:
            raise NotFound
        resident_id = await self._sender_id(tip)
        if await self._session.scalar(select(Officer.id).where(Officer.resident_id == resident_id)) is not None:
            raise SenderIsStaff
        await self._set_blocked(resident_id, blocked=True)
        self._event(tip, "blocked", officer, reason=reason)
        await self._audit.write("sender.blocked", officer, f"tip:{tip.id}", reason=reason)
        return tip.alias

    async def unblock_sender(self, officer: OfficerView, tip_id: int) -> str:
        """By a head alone. Raises NotAllowed, NotFound."""
        if not officer.has(Role.HEAD):
            raise NotAllowed
        tip = await self._session.get(Tip, tip_id)
        if tip is None or tip.is_restricted:
            raise NotFound
        await self._set_blocked(await self._sender_id(tip), blocked=False)
        self._event(tip, "unblocked", officer)
        await self._audit.write("sender.unblocked", officer, f"tip:{tip.id}")
        return tip.alias

    async def blocked_senders(self, officer: OfficerView) -> list[BlockedSender]:
        """Those who are blocked now, by the tips they were blocked for, the newest first. Raises NotAllowed."""
        if not officer.has(Role.HEAD):
            raise NotAllowed
        was_blocked = exists().where(Event.tip_id == Tip.id, Event.kind == "blocked")
        tips = select(Tip).where(was_blocked, Tip.is_restricted.is_(False), Tip.identity != Identity.CUT)
        found: list[BlockedSender] = []
        seen: set[int] = set()
        for tip in list(await self._session.scalars(tips.order_by(Tip.id.desc()).limit(SHOWN))):
            resident_id = await self._sender_id(tip)
            resident = await self._session.get(Resident, resident_id)
            if resident is None or resident.blocked_at is None or resident_id in seen:
                continue
            seen.add(resident_id)
            last = select(Event).where(Event.tip_id == tip.id, Event.kind == "blocked").order_by(Event.id.desc())
            event = (await self._session.scalars(last.limit(1))).one()
            reason = str((event.facts or {}).get("reason", ""))
            found.append(BlockedSender(tip.id, tip.number, tip.alias, reason))
        return found

    async def _set_blocked(self, resident_id: int, *, blocked: bool) -> None:
        residents = Residents(self._session, self._clock, self._officers, lambda _bell: None)
        await residents.block(resident_id, blocked=blocked)

    async def _sender_id(self, tip: Tip) -> int:
        if tip.resident_id is not None:
            return tip.resident_id
        vault = await self._session.get(Vault, tip.id)
        if vault is None or vault.resident is None:
            raise NotFound
        return vault.resident
