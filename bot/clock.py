"""The one place that reads real time; everything else is handed a clock, so that tests can own time."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What a part of Korshi may know about time."""

    def now(self) -> datetime:
        """The moment as an aware UTC datetime: for what is stored or shown."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump back: for distances in time, meaningless across processes."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The moment as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment of this process."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed; asyncio may wake up to a millisecond off."""
        await asyncio.sleep(seconds)
