"""How long a reply may wait for its slot before it becomes a promise."""

import asyncio

from bot.channels.base import Place
from bot.channels.pacing import Pacer
from bot.terms import Lane

PATIENCE_SECONDS = 3.0


async def in_time(pacer: Pacer, place: Place) -> bool:
    """Waits for the reply's slot. False: it did not come in time, and none was taken."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await pacer.slot(place.address, Lane.REPLY, group=place.is_group)
    except TimeoutError:
        return False
    return True
