"""A small version of bench/dialogs.py: people who write at the same time get their own answers."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.dialogs import talk
from bot.app import App
from bot.memory import TurnMemory
from tests.stage import settings_for

PEOPLE = 50


def app_in(folder: Path, demo_database: Path) -> App:
    shutil.copy(demo_database, folder / "korshi.db")
    return App(settings_for(folder, "http://127.0.0.1:1", 1))


async def test_nobody_gets_anothers_answer(tmp_path: Path, demo_database: Path) -> None:
    result = await talk(app_in(tmp_path, demo_database), PEOPLE)
    assert dict(result.wrong) == {}
    assert result.answers == PEOPLE * 10


async def test_a_mixed_up_form_is_counted(tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were two dialogs to share one memory, it would be seen."""
    shared: dict[str, Any] = {}
    read = TurnMemory.get_data

    async def mixed(self: TurnMemory, **keys: Any) -> dict[str, Any]:
        data = await read(self, **keys)
        if data.get("parts"):
            shared.setdefault("parts", data["parts"])
            data = {**data, "parts": shared["parts"]}
        return data

    monkeypatch.setattr(TurnMemory, "get_data", mixed)
    result = await talk(app_in(tmp_path, demo_database), 4)
    assert result.wrong["a stranger's words"] > 0
    assert result.wrong["not what was written"] > 0
