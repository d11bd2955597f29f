"""Files are fetched outside every unit, judged by their content, and tried again while it makes sense."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.base import Fetched, FetchFailed, TooLarge
from bot.files import Files
from bot.intake.fetcher import Fetcher
from bot.services.media import TRIES, WHATSAPP_FETCH_LIMIT, MediaDraft, MediaView
from bot.services.unit import Units
from bot.store.media import Media
from bot.terms import Messenger, PartKind
from tests.services import cast
from tests.stage import PNG


class Channel:
    def __init__(self, *chunks: bytes, error: Exception | None = None, mime: str = "image/jpeg") -> None:
        self.chunks, self.error, self.mime, self.asked = chunks, error, mime, 0

    async def fetch(self, media: MediaView) -> Fetched:
        self.asked += 1
        if self.error:
            raise self.error
        return Fetched(self._stream(), self.mime)

    async def _stream(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


async def fetch(units: Units, folder: Path, channel: Any, messenger: Messenger = Messenger.TELEGRAM) -> Any:
    """The row after the fetcher has done what it can."""
    files = Files(folder / "media", units, units.house.clock, None)
    fetcher = Fetcher({messenger: channel}, units, files)
    async with units() as unit:
        media_id = unit.shelf.want(messenger, MediaDraft(PartKind.PHOTO, "file-1", "text/html"))
    work = asyncio.ensure_future(fetcher.run())
    async with asyncio.timeout(20):
        while True:
            await asyncio.sleep(0.005)
            await units.house.clock.sleep(60)  # every back-off is over
            fetcher._bell.set()
            (row,) = await cast.rows(units, Media, Media.id == media_id)
            if row.state != "wanted":
                break
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    assert list((folder / "media").glob("incoming-*")) == []
    return row


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0....", "image/jpeg"), (b"GIF89a....", "image/gif"),
        (b"OggS....", "audio/ogg"), (b"%PDF-1.7", "application/pdf"), (b"ID3....", "audio/mpeg"),
        (b"\0\0\0\x20ftypisom....", "video/mp4"), (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"MZ\x90\0 not known", "text/html"), (b"", "text/html"),
    ],
)  # fmt: skip
async def test_a_file_is_what_its_bytes_say(units: Units, tmp_path: Path, content: bytes, mime: str) -> None:
    row = await fetch(units, tmp_path, Channel(content[:5], content[5:]))
    assert (row.state, row.mime, row.size) == ("stored", mime, len(content))
    files = Files(tmp_path / "media", units, units.house.clock, None)
    assert files.path(row.digest).read_bytes() == content


async def test_a_file_longer_than_announced_is_cut_off_and_refused(units: Units, tmp_path: Path) -> None:
    megabyte = b"x" * 1024 * 1024
    row = await fetch(units, tmp_path, Channel(*[megabyte] * 17), Messenger.WHATSAPP)
    assert (row.state, row.reason) == ("refused", "too_large")
    assert 16 * len(megabyte) == WHATSAPP_FETCH_LIMIT
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("error", "state", "reason", "asked"),
    [
        (TooLarge(), "refused", "too_large", 1),
        (FetchFailed("gone", is_final=True), "refused", "gone", 1),
        (FetchFailed("foreign_host", is_final=True), "refused", "foreign_host", 1),
        (FetchFailed("unreachable"), "lost", "unreachable", TRIES),
        (OSError("disk full"), "lost", "failed", TRIES),
        (TimeoutError(), "lost", "failed", TRIES),
    ],
)
async def test_what_is_final_is_not_tried_again(
    units: Units, tmp_path: Path, error: Exception, state: str, reason: str, asked: int
) -> None:
    channel = Channel(error=error)
    row = await fetch(units, tmp_path, channel)
    assert (row.state, row.reason, channel.asked) == (state, reason, asked)


async def test_files_of_a_messenger_that_is_off_do_not_stand_in_the_way(units: Units, tmp_path: Path) -> None:
    async with units() as unit:
        for number in range(10):
            unit.shelf.want(Messenger.WHATSAPP, MediaDraft(PartKind.PHOTO, f"w{number}"))
    row = await fetch(units, tmp_path, Channel(PNG))
    assert row.state == "stored"
    assert len(await cast.rows(units, Media, Media.state == "wanted")) == 10


async def test_the_same_file_twice_lies_on_the_shelf_once(units: Units, tmp_path: Path) -> None:
    first, second = [await fetch(units, tmp_path, Channel(PNG)) for _ in range(2)]
    assert first.digest == second.digest
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == 1
    assert SimpleNamespace(id=first.id) != SimpleNamespace(id=second.id)
