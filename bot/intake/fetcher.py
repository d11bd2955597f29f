"""Fetches wanted files outside any unit, looks at what they are, puts them on the shelf; retries what failed."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import structlog

from bot.channels.base import Channel, FetchFailed, TooLarge
from bot.files import Files, gathered
from bot.intake.content import Refused, kind_of
from bot.intake.pictures import FORMATS, read_picture
from bot.services.media import TELEGRAM_FETCH_LIMIT, WHATSAPP_FETCH_LIMIT, MediaView
from bot.services.unit import Units
from bot.terms import Messenger

log = structlog.get_logger(__name__)

AT_ONCE = 4
LOOK_EVERY = 5.0
FETCH_SECONDS = 60

_LIMITS = {Messenger.TELEGRAM: TELEGRAM_FETCH_LIMIT, Messenger.WHATSAPP: WHATSAPP_FETCH_LIMIT}


class Shelved(NamedTuple):
    digest: bytes
    size: int
    mime: str
    original: bytes | None = None
    point: tuple[float, float] | None = None


class Fetcher:
    def __init__(self, channels: Mapping[Messenger, Channel], units: Units, files: Files) -> None:
        self._channels, self._units, self._files = channels, units, files
        self._bell = asyncio.Event()
        self._looking = asyncio.Semaphore(1)  # one picture unfolded in memory at a time
        units.on("media", self._bell.set)

    async def run(self) -> None:
        while True:
            self._bell.clear()
            async with self._units.reading() as unit:
                wanted = await unit.shelf.wanted(AT_ONCE, list(self._channels))
            if wanted:
                await asyncio.gather(*(self._fetch(media) for media in wanted))
                continue
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def _fetch(self, media: MediaView) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                fetched = await self._channels[media.messenger].fetch(media)
                content = await gathered(fetched.chunks, _LIMITS[media.messenger])
            shelved = await self._shelve(content)
        except TooLarge:
            await self._refuse(media, "too_large")
        except Refused as refusal:
            await self._refuse(media, refusal.reason)
        except FetchFailed as failure:
            if failure.is_final:
                await self._refuse(media, failure.reason)
            else:
                await self._retry(media, failure.reason)
        except Exception as error:  # noqa: BLE001 - a dropped connection, a full disk: try again, never take the process down
            log.warning("fetcher.failed", media=media.id, error=type(error).__name__)
            await self._retry(media, "failed")
        else:
            async with self._units() as unit:
                await unit.shelf.stored(media.id, *shelved)

    async def _shelve(self, content: bytes) -> Shelved:
        """A picture is shown as a copy that tells nothing but what is on it; the original lies beside it, sealed."""
        mime = await asyncio.to_thread(kind_of, content)
        if mime not in FORMATS:
            return Shelved(await self._files.put(content), len(content), mime)
        async with self._looking:
            picture = await asyncio.to_thread(read_picture, content, mime)
        original, working = await self._files.put(content), await self._files.put(picture.working)
        return Shelved(working, len(picture.working), mime, original, picture.point)

    async def _refuse(self, media: MediaView, reason: str) -> None:
        async with self._units() as unit:
            await unit.shelf.refuse(media.id, reason)

    async def _retry(self, media: MediaView, reason: str) -> None:
        async with self._units() as unit:
            await unit.shelf.retry_later(media.id, reason)
