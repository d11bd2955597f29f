"""Single-owner duties: who may send for a token, feed the dialogs, tick the clock."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.store.base import insert_into
from bot.store.leases import Lease

LEASE_LASTS = timedelta(seconds=10)

_here: set[str] = set()  # names given out in this very process


def holder_name() -> str:
    """This process, so that its successor on the same machine can tell that it is dead."""
    name = f"{_processes_known_here()}:{os.getpid()}:{secrets.token_hex(4)}"
    _here.add(name)
    return name


def _processes_known_here() -> str:
    """Where this process's number has a meaning: one boot and one PID namespace; empty where that cannot be known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return f"{boot[:8]}.{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return ""


def _is_dead(holder: str) -> bool:
    """Whether that process has certainly ended. False in doubt: its lease then runs out by itself."""
    where, _, rest = holder.partition(":")
    number = rest.partition(":")[0]
    if not where or where != _processes_known_here() or not number.isdecimal():
        return False
    if int(number) == os.getpid():  # the number is ours now: whoever had it before is gone
        return holder not in _here
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


class Leases:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def hold(self, name: str, holder: str, lasts: timedelta = LEASE_LASTS) -> int | None:
        """The fence number while `holder` owns the duty, None while somebody else does. Call again to keep it."""
        now = self._clock.now()
        statement = insert_into(self._session, Lease)
        await self._session.execute(statement.values(name=name, holder="", fence=0, until=now).on_conflict_do_nothing())
        kept = (
            update(Lease)
            .where(Lease.name == name, Lease.holder == holder, Lease.until > now)
            .values(until=now + lasts)
            .returning(Lease.fence)
        )
        fence = await self._session.scalar(kept)
        if fence is not None:
            return fence
        won = (
            update(Lease)
            .where(Lease.name == name, or_(Lease.until <= now, Lease.holder == holder))
            .values(holder=holder, until=now + lasts, fence=Lease.fence + 1)
            .returning(Lease.fence)
        )
        return await self._session.scalar(won)

    async def take_from_dead(self) -> None:
        """After a crash the duties of the dead process are free at once, not when its leases run out."""
        holders = await self._session.scalars(select(Lease.holder).where(Lease.until > self._clock.now()).distinct())
        for holder in [holder for holder in holders if _is_dead(holder)]:
            await self.release(holder)

    async def release(self, holder: str) -> None:
        await self._session.execute(update(Lease).where(Lease.holder == holder).values(until=self._clock.now()))
