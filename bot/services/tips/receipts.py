"""The secret that continues a tip from another phone."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.services.residents import Person
from bot.services.tips.codes import digest_of
from bot.services.tips.limits import SenderLimits
from bot.services.tips.records import TipRecords
from bot.services.tips.views import TipView, owner_fingerprint
from bot.store.notices import Notice
from bot.store.tips import Receipt, Tip, Vault
from bot.terms import Identity, NoticeKind, NoticeState

MISSES = 5
LOCKED_FOR = timedelta(hours=1)
CODE_AFTER = timedelta(minutes=10)  # of a tip sent out of danger
_NO_SALT = b"\0" * 16


@dataclass(frozen=True, slots=True)
class Continued:
    """`tip` is empty where number and code do not belong together; `locked_until`: no more tries before."""

    tip: TipView | None = None
    locked_until: datetime | None = None


class ReceiptedTips(TipRecords):
    def _receipt(self, tip: Tip) -> str:
        """Its code, to be told once."""
        fresh = self._codes.take()
        self._session.add(Receipt(tip_id=tip.id, salt=fresh.salt, digest=fresh.digest, misses=0))
        return fresh.code

    async def code_to_tell(self, person: Person, tip_id: int) -> str:
        """Of a tip sent out of danger, when its sender opens it before the code was told; empty: it was.

        Raises NotFound for anybody else's tip."""
        tip = await self._sent_tip(person, tip_id)
        receipt = await self._session.get(Receipt, tip.id)
        later = (Notice.tip_id == tip.id, Notice.kind == NoticeKind.TIP_SENT, Notice.state == NoticeState.DUE)
        if receipt is not None:
            if await self._session.scalar(select(Notice.id).where(*later, Notice.due_at > self._clock.now())) is None:
                return ""
            await self._notices.withdraw(tip.id, (NoticeKind.TIP_SENT,))
            await self._session.delete(receipt)
            await self._session.flush()
        return self._receipt(tip)

    async def continue_tip(self, person: Person, number: int, code: str) -> Continued:
        """Binds the tip to the person who knows its secret. Never raises: what was counted must be kept.

        Five misses lock the tip for an hour, and the person too. A number that is not there takes as long."""
        limits, now = SenderLimits(self._session, self._clock, self._zone), self._clock.now()
        if not await limits.may_guess(person.id):
            return Continued(locked_until=now + LOCKED_FOR)
        tip = await self._session.scalar(select(Tip).where(Tip.number == number).with_for_update())
        receipt = await self._session.get(Receipt, tip.id) if tip is not None else None
        if receipt is not None and receipt.locked_until is not None and receipt.locked_until > now:
            return Continued(locked_until=receipt.locked_until)
        salt, wanted = (receipt.salt, receipt.digest) if receipt is not None else (_NO_SALT, b"\0" * 32)
        fits = hmac.compare_digest(digest_of(code, salt), wanted)
        if tip is None or receipt is None or not fits:
            await limits.missed(person.id)
            if receipt is not None:
                self._missed(receipt, now)
            return Continued()
        receipt.misses, receipt.locked_until = 0, None
        await self._bind(tip, person)
        return Continued(await self._view(tip, holder=True))

    def _missed(self, receipt: Receipt, now: datetime) -> None:
        receipt.misses += 1
        if receipt.misses >= MISSES:
            receipt.misses, receipt.locked_until = 0, now + LOCKED_FOR

    async def _bind(self, tip: Tip, person: Person) -> None:
        """From now on the tip is this account's: what is promised and has not left yet goes there too."""
        mine = Notice.tip_id == tip.id, Notice.state == NoticeState.DUE
        if tip.identity == Identity.NAMED:
            before, tip.resident_id = tip.resident_id, person.id
            moved = update(Notice).where(*mine, Notice.resident_id == before)
            moved = moved.values(resident_id=person.id, talk=person.id, messenger=person.messenger)
        else:
            vault = await self._session.get_one(Vault, tip.id)
            if vault.resident == person.id:
                return
            vault.owner, vault.resident = owner_fingerprint(person.id), person.id
            moved = update(Notice).where(*mine, Notice.vault_id == tip.id).values(messenger=person.messenger)
        await self._session.execute(moved)
        self._event(tip, "continued")
