"""A department on SQLite, and a clock that lets nobody wait for long."""

import asyncio

import pytest

from tests.clocks import FakeClock
from tests.postgres import cleaning, units

__all__ = ["cleaning", "units"]


class QuickClock(FakeClock):
    """Every sleep is over in a moment, and counted in full."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed += seconds
        await asyncio.sleep(0.002)


@pytest.fixture
def backend(cleaning: None) -> str:
    return "sqlite"


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()
