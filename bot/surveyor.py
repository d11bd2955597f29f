"""Keeps this process's picture of the territory on the active generation; lookups go on while it draws the next."""

import asyncio
import gc

import structlog

from bot.services.territory import build, discard
from bot.services.unit import Units

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0


class Surveyor:
    """Every process has one. Between two looks an answer may still be of the generation before."""

    def __init__(self, units: Units) -> None:
        self._units, self._index = units, units.house.territory
        self._bell = asyncio.Event()
        units.on("territory", self._bell.set)

    async def run(self) -> None:
        self._index.is_watched = self._index.survey is not None
        try:
            while True:
                self._bell.clear()
                await self.look()
                try:
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._bell.wait()
                except TimeoutError:
                    continue
        finally:
            self._index.is_watched = False

    async def look(self) -> bool:
        """Draws the active generation if it is another than the one in use. Returns whether it was."""
        async with self._units.reading() as unit:
            active = await unit.territory.active()
        former = self._index.survey
        if former is not None and former.generation_id == active:
            return False
        async with self._units.reading() as unit:
            rows = await unit.territory.rows(active)
        gc_was_on = gc.isenabled()
        gc.disable()  # a full collection over a region that is being built stops every thread for a quarter second
        try:
            survey = await asyncio.to_thread(build, rows)
            if former is not None:
                gc.freeze()  # as at the start: what is only read is not walked again
        finally:
            if gc_was_on:
                gc.enable()
        self._index.survey, self._index.is_watched = survey, True
        log.info("surveyor.drawn", generation=active, precincts=len(survey.borders), streets=len(survey.houses))
        if former is not None:
            await asyncio.to_thread(discard, former)
        return True
