"""Files are fetched outside every unit, judged by their content, and tried again while it makes sense."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.base import Fetched, FetchFailed, TooLarge
from bot.files import SEALED, Files
from bot.intake.fetcher import Fetcher
from bot.services.media import TRIES, WHATSAPP_FETCH_LIMIT, MediaDraft, MediaView
from bot.services.unit import Units
from bot.store.media import Media
from bot.terms import Messenger, PartKind
from tests.intake.test_pictures import picture
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


async def test_a_picture_is_shown_as_a_copy_without_what_it_tells_of_its_maker(units: Units, tmp_path: Path) -> None:
    """Both lie sealed on the disk, each under the digest of its own content."""
    taken = picture("JPEG", place=(51.125, 71.42))
    row = await fetch(units, tmp_path, Channel(taken[:99], taken[99:]))
    files = Files(tmp_path / "media", units, units.house.clock, None)
    working, original = (files.read(files.path(digest)) for digest in (row.digest, row.original))
    assert (row.state, row.mime, row.size) == ("stored", "image/jpeg", len(working))
    assert original == taken
    assert hashlib.sha256(working).digest() == row.digest
    assert b"Canon" in original
    assert b"Canon" not in working
    on_disk = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert len(on_disk) == 2
    for path in on_disk:
        assert path.read_bytes().startswith(SEALED)
        assert b"Canon" not in path.read_bytes()
        assert b"JFIF" not in path.read_bytes()
    assert row.point is None  # nobody's tip: there is nobody to offer it to


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"MZ\x90\0 a program", "dangerous"), (b"", "empty"), (b"\xff\xd8\xff\xe0 no picture", "broken"),
        (b"<html><script>", "dangerous"), (b"\0\0\0\x20ftypheic....", "wrong_type"),
    ],
)  # fmt: skip
async def test_what_is_not_taken_leaves_nothing_on_the_shelf(
    units: Units, tmp_path: Path, content: bytes, reason: str
) -> None:
    row = await fetch(units, tmp_path, Channel(content))
    assert (row.state, row.reason, row.digest, row.original) == ("refused", reason, None, None)
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


async def test_what_is_no_picture_is_kept_as_it_is(units: Units, tmp_path: Path) -> None:
    row = await fetch(units, tmp_path, Channel(b"%PDF-1.7 ...."))
    files = Files(tmp_path / "media", units, units.house.clock, None)
    assert (row.state, row.mime, row.original) == ("stored", "application/pdf", None)
    assert files.read(files.path(row.digest)) == b"%PDF-1.7 ...."


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
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == 2  # a copy and the original
    assert SimpleNamespace(id=first.id) != SimpleNamespace(id=second.id)
