"""Two hours without one messenger, in virtual time: its people wait and lose nothing, the others notice nothing."""

import asyncio
from datetime import datetime, timedelta
from typing import cast as is_a

import pytest

from bot.channels.base import Outcome, Unreachable
from bot.services.deliveries import Delivery
from bot.services.notices import Promise, Recipient
from bot.services.unit import Units
from bot.speech import Reply
from bot.store.notices import Notice
from bot.terms import Messenger, NoticeKind
from tests.courier.conftest import QuickClock
from tests.courier.stand_in import StandIn
from tests.courier.test_engine import DOZEN, at_work, promise
from tests.postgres import cleaning, units
from tests.services import cast

__all__ = ["cleaning", "units"]

OUTAGE = timedelta(hours=2)
STEP_SECONDS = 60
LOOKS = OUTAGE.seconds // 60  # one call a minute asks whether the messenger is back
FIRST_CALLS = 8 + 5  # calls under way when it goes, and the failures that open the breaker


@pytest.fixture
def backend(cleaning: None) -> str:
    return "sqlite"


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


class Gone(StandIn):
    """No call reaches it until `back_at`."""

    def __init__(self, clock: QuickClock, back_at: datetime) -> None:
        super().__init__()
        self._clock, self._back_at, self.lost = clock, back_at, 0

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        if self._clock.now() < self._back_at:
            self.lost += 1
            return Unreachable("no_network")
        return await super().send(delivery, reply, first_number)


async def test_two_hours_without_one_messenger(units: Units) -> None:
    clock = is_a(QuickClock, units.house.clock)
    back_at = clock.now() + OUTAGE
    telegram, whatsapp = Gone(clock, back_at), StandIn(Messenger.WHATSAPP)
    async with units() as unit:
        friend = await cast.newcomer(unit, "+77059990001", Messenger.WHATSAPP)
    await promise(units, *DOZEN)
    async with at_work(units, telegram) as one, at_work(units, whatsapp, "other") as other, asyncio.timeout(60):
        while clock.now() < back_at:
            asked_at, said = clock.now(), len(whatsapp.sent)
            await _say(units, friend.id, said)
            while len(whatsapp.sent) == said:
                other.wake()
                await asyncio.sleep(0.002)
            assert clock.now() - asked_at < timedelta(seconds=30), "WhatsApp waited for Telegram"
            for _ in range(600 // STEP_SECONDS):
                await clock.sleep(STEP_SECONDS)
                one.wake()
                await asyncio.sleep(0.004)
        assert telegram.lost <= FIRST_CALLS + LOOKS
        while {notice.state for notice in await _promised(units)} != {"sent"}:
            await clock.sleep(STEP_SECONDS)
            one.wake()
            await asyncio.sleep(0.004)
        assert clock.now() - back_at < timedelta(minutes=10)
    told = [address for address, *_ in telegram.sent if int(address) in DOZEN]
    assert sorted(told) == sorted(map(str, DOZEN))
    assert len(whatsapp.sent) >= OUTAGE.seconds // 600 - 1
    alarms = await cast.rows(units, Notice, Notice.kind == NoticeKind.ALARM)
    assert 1 <= len(alarms) <= 3


async def _promised(units: Units) -> list[Notice]:
    return list(await cast.rows(units, Notice, Notice.kind == NoticeKind.LATE_REPLY))


async def _say(units: Units, resident: int, number: int) -> None:
    async with units() as unit:
        facts = {"text": f"Жаңалық {number}"}
        await unit.notices.promise(Promise(NoticeKind.LATE_REPLY, Recipient(resident_id=resident), facts=facts))
