"""The shelf: sealed on the disk, read as it was, and files from before it was sealed."""

import hashlib
from pathlib import Path

import pytest

from bot.channels.base import TooLarge
from bot.files import SEALED, Files, gathered
from bot.store import keys
from bot.store.keys import KeyRing, KeyWrong
from tests.clocks import FakeClock
from tests.postgres import units_on


@pytest.fixture
def files(tmp_path: Path) -> Files:
    clock = FakeClock()
    return Files(tmp_path / "media", units_on(f"sqlite+aiosqlite:///{tmp_path}/korshi.db", clock), clock, None)


async def test_what_is_put_is_sealed_and_read_as_it_was(files: Files) -> None:
    content = b"words of a witness " * 1000
    digest = await files.put(content)
    assert digest == hashlib.sha256(content).digest()
    raw = files.path(digest).read_bytes()
    assert raw.startswith(SEALED)
    assert b"witness" not in raw
    assert files.read(files.path(digest)) == content
    assert await files.put(content) == digest
    assert files.path(digest).read_bytes() == raw  # once


async def test_a_file_from_before_is_read_and_sealed_when_it_comes_again(files: Files) -> None:
    content = b"from before"
    path = files.path(hashlib.sha256(content).digest())
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert files.read(path) == content
    await files.put(content)
    assert path.read_bytes().startswith(SEALED)
    assert files.read(path) == content


async def test_a_moved_or_changed_file_does_not_open(files: Files) -> None:
    one, other = files.path(await files.put(b"one")), files.path(await files.put(b"other"))
    changed = bytearray(one.read_bytes())
    changed[-1] ^= 1
    other.write_bytes(one.read_bytes())
    one.write_bytes(bytes(changed))
    for path in (one, other):
        with pytest.raises(KeyWrong):
            files.read(path)


async def test_files_are_sealed_anew_under_the_first_key(files: Files) -> None:
    path = files.path(await files.put(b"content"))
    old = files.path(hashlib.sha256(b"plain").digest())
    old.parent.mkdir(parents=True)
    old.write_bytes(b"plain")
    stranger = path.parent / "notes.txt"
    stranger.write_bytes(b"not ours")
    keys.install(KeyRing([b"n" * 32, b"k" * 32], b"p" * 32))
    assert [files.reseal(each) for each in (path, old, stranger)] == [True, True, False]
    assert [files.reseal(each) for each in (path, old)] == [False, False]
    keys.install(KeyRing([b"n" * 32], b"p" * 32))
    assert (files.read(path), files.read(old)) == (b"content", b"plain")


async def test_more_than_the_limit_is_cut_off() -> None:
    taken = []

    async def endless():  # type: ignore[no-untyped-def]
        while True:
            taken.append(1)
            yield b"x" * 10

    with pytest.raises(TooLarge):
        await gathered(endless(), 100)
    assert len(taken) == 11
