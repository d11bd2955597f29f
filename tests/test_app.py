"""What a start waits for, and what it leaves behind."""

import asyncio
import gc
from pathlib import Path

import pytest

from bot.app import KeysWrong
from bot.store import keys
from tests.stage import Stage, staged


async def test_the_garbage_collector_works_again_once_all_is_ready(tmp_path: Path, demo_database: Path) -> None:
    """It is off while everything is imported and made, and what was made is none of its business afterwards."""
    gc.disable()
    try:
        async with staged(tmp_path, demo_database):
            assert gc.isenabled()
            assert gc.get_freeze_count() > 100_000
    finally:
        gc.enable()


@pytest.mark.parametrize("changed", ["secret_keys", "pepper"])
async def test_with_keys_of_another_database_it_does_not_start(
    tmp_path: Path, demo_database: Path, changed: str
) -> None:
    """Everything due would be found unreadable, and everybody a stranger."""
    other = {changed: "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}
    with pytest.raises(KeysWrong, match="do not fit this database"):
        async with staged(tmp_path, demo_database, **other):
            pass


async def test_another_installation_beside_it_keeps_its_own_keys(stage: Stage) -> None:
    keys.install(keys.KeyRing([b"n" * 32], b"q" * 32))
    person = await stage.person("telegram")
    await person.says("/help")
    assert person.said


async def test_nobody_waits_for_commands_and_descriptions(
    tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are a dozen calls to a server far away, and what it has from yesterday will do."""
    began, gone = asyncio.Event(), asyncio.Event()

    async def introduce(_channel: object) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    monkeypatch.setattr("bot.app.introduce", introduce)
    async with staged(tmp_path, demo_database) as stage:
        person = await stage.person("telegram")
        await person.says("/help")
        assert began.is_set()
        assert not gone.is_set()
    assert gone.is_set()
