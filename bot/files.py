"""The shelf: files by content hash in a folder, sealed, shown to channels by id and to Twilio by a signed address."""

import asyncio
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
SEALED = b"KORSHI-SEALED-1\n"  # before what was sealed; a file without it is from before and read as it is


async def gathered(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """All of it, in memory. Raises TooLarge as soon as it is more than the limit."""
    found = bytearray()
    async for chunk in chunks:
        if len(found) + len(chunk) > limit:
            raise TooLarge
        found += chunk
    return bytes(found)


class Files:
    def __init__(self, folder: Path, units: Units, clock: Clock, public_url: str | None) -> None:
        self._folder, self._units, self._clock, self._public_url = folder, units, clock, public_url

    async def keep(self, chunks: AsyncIterator[bytes], limit: int) -> tuple[bytes, int]:
        """Digest and size of what was put on the shelf. Raises TooLarge; a half-read file leaves nothing."""
        content = await gathered(chunks, limit)
        return await self.put(content), len(content)

    async def put(self, content: bytes) -> bytes:
        """Its digest. Sealing and writing are work for a thread."""
        return await asyncio.to_thread(self._put, content)

    def _put(self, content: bytes) -> bytes:
        digest = hashlib.sha256(content).digest()
        target = self.path(digest)
        if not is_sealed(target):
            self._write(target, keys.ring().seal(content, _bound_to(digest)))
        return digest

    def _write(self, target: Path, sealed: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(SEALED)
                file.write(sealed)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)

    def path(self, digest: bytes) -> Path:
        word = digest.hex()
        return self._folder / word[:2] / word

    def read(self, path: str | Path) -> bytes:
        """Its content, for a thread. Raises OSError, and KeyWrong for a file that was changed or moved."""
        found = Path(path).read_bytes()
        if not found.startswith(SEALED):
            return found
        return keys.ring().open(found[len(SEALED) :], _bound_to(bytes.fromhex(Path(path).name)))

    def reseal(self, path: Path) -> bool:
        """Under the current key, for a thread. False where it is already, or is no file of the shelf."""
        if not is_digest(path.name):
            return False
        found = path.read_bytes()
        if found.startswith(SEALED) and keys.ring().is_current(found[len(SEALED) :]):
            return False
        self._write(path, keys.ring().seal(self.read(path), _bound_to(bytes.fromhex(path.name))))
        return True

    async def open_file(self, media_id: int, messenger: Messenger = Messenger.TELEGRAM) -> ShelfFile | None:
        async with self._units.reading() as unit:
            view = await unit.shelf.get(media_id)
            file_id = await unit.shelf.file_id(media_id, messenger)
        if view is None:
            return None
        path = self.path(view.digest) if view.digest else None
        name = f"{view.kind.value}{_SUFFIX.get(view.mime, '')}"
        known = str(path) if path and path.exists() else None
        return ShelfFile(media_id, view.kind.value, known, file_id, view.mime, name, self.read)

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


def is_digest(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def is_sealed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SEALED)) == SEALED
    except FileNotFoundError:
        return False


def _bound_to(digest: bytes) -> str:
    return f"media.content.{digest.hex()}"


_SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "application/json": ".json",
    "text/vcard": ".vcf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}
