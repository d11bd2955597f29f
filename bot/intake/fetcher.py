"""Fetches wanted files outside any unit, checks them, puts them on the shelf; retries what failed."""

import asyncio
from collections.abc import Mapping

import structlog

from bot.channels.base import Channel, FetchFailed, TooLarge
from bot.files import Files
from bot.services.media import TELEGRAM_FETCH_LIMIT, WHATSAPP_FETCH_LIMIT, MediaView
from bot.services.unit import Units
from bot.terms import Messenger

log = structlog.get_logger(__name__)

AT_ONCE = 4
LOOK_EVERY = 5.0
FETCH_SECONDS = 60

_LIMITS = {Messenger.TELEGRAM: TELEGRAM_FETCH_LIMIT, Messenger.WHATSAPP: WHATSAPP_FETCH_LIMIT}
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
)


class Fetcher:
    def __init__(self, channels: Mapping[Messenger, Channel], units: Units, files: Files) -> None:
        self._channels, self._units, self._files = channels, units, files
        self._bell = asyncio.Event()
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
                digest, size = await self._files.keep(fetched.chunks, _LIMITS[media.messenger])
        except TooLarge:
            await self._refuse(media, "too_large")
        except FetchFailed as failure:
            if failure.is_final:
                await self._refuse(media, failure.reason)
            else:
                await self._retry(media, failure.reason)
        except Exception as error:  # noqa: BLE001 - a dropped connection, a full disk: try again, never take the process down
            log.warning("fetcher.failed", media=media.id, error=type(error).__name__)
            await self._retry(media, "failed")
        else:
            mime = self._kind_of(digest) or media.mime
            async with self._units() as unit:
                await unit.shelf.stored(media.id, digest, size, mime)

    async def _refuse(self, media: MediaView, reason: str) -> None:
        async with self._units() as unit:
            await unit.shelf.refuse(media.id, reason)

    async def _retry(self, media: MediaView, reason: str) -> None:
        async with self._units() as unit:
            await unit.shelf.retry_later(media.id, reason)

    def _kind_of(self, digest: bytes) -> str | None:
        """By content: what a name or a header says is the sender's word."""
        with self._files.path(digest).open("rb") as file:
            head = file.read(16)
        if head[4:8] == b"ftyp":
            return "video/mp4"
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return "image/webp"
        return next((mime for magic, mime in _MAGIC if head.startswith(magic)), None)
