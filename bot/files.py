"""The shelf: files by content hash in a folder, shown to channels by id and to Twilio by a signed, expiring address."""

import hashlib
import hmac
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from bot.channels.base import ShelfFile, TooLarge
from bot.clock import Clock
from bot.services.unit import Units
from bot.store import keys
from bot.terms import Messenger

LINK_LASTS = timedelta(hours=2)  # Twilio fetches at once; its own retries end within the hour


class Files:
    def __init__(self, folder: Path, units: Units, clock: Clock, public_url: str | None) -> None:
        self._folder, self._units, self._clock, self._public_url = folder, units, clock, public_url

    async def keep(self, chunks: AsyncIterator[bytes], limit: int) -> tuple[bytes, int]:
        """Digest and size of what was put on the shelf. Raises TooLarge; a half-read file leaves nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
            target = self.path(digest.digest())
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        return digest.digest(), size

    def path(self, digest: bytes) -> Path:
        word = digest.hex()
        return self._folder / word[:2] / word

    async def open_file(self, media_id: int, messenger: Messenger = Messenger.TELEGRAM) -> ShelfFile | None:
        async with self._units.reading() as unit:
            view = await unit.shelf.get(media_id)
            file_id = await unit.shelf.file_id(media_id, messenger)
        if view is None:
            return None
        path = self.path(view.digest) if view.digest else None
        name = f"{view.kind.value}{_SUFFIX.get(view.mime, '')}"
        known = str(path) if path and path.exists() else None
        return ShelfFile(media_id, view.kind.value, known, file_id, view.mime, name)

    async def remember_file_id(self, media_id: int, messenger: Messenger, file_id: str) -> None:
        async with self._units() as unit:
            await unit.shelf.remember_file_id(media_id, messenger, file_id)

    def public_link(self, media_id: int) -> str | None:
        if self._public_url is None:
            return None
        until = int((self._clock.now() + LINK_LASTS).timestamp())
        return f"{self._public_url}/media/{media_id}/{until}/{self._sign(media_id, until)}"

    def is_signed(self, media_id: int, until: int, signature: str) -> bool:
        fair = hmac.compare_digest(self._sign(media_id, until).encode(), signature.encode())
        return fair and until >= self._clock.now().timestamp()

    def _sign(self, media_id: int, until: int) -> str:
        return keys.ring().fingerprint("media link", media_id, until).hex()[:40]


_SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "video/mp4": ".mp4",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
}
