"""`answers export` and `answers load`: out, changed, in again; one fault anywhere and nothing is written."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answers import AnswersRefused, FileNotRead, export_answers, load_answers
from bot.config import Settings
from tests.stage import settings_for


@pytest.fixture
def settings(tmp_path: Path, demo_database: Path) -> Settings:
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    return settings_for(tmp_path, "http://127.0.0.1:1", 1)


async def load(settings: Settings, path: Path, **more: Any) -> list[str]:
    said: list[str] = []
    await load_answers(settings, path, is_dry=more.get("is_dry", False), say=said.append)
    return said


async def exported(settings: Settings) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = tomllib.loads("\n".join(await export_answers(settings)))["answer"]
    return answers


async def test_what_was_taken_out_can_be_loaded_again(settings: Settings, tmp_path: Path) -> None:
    before = await exported(settings)
    assert len(before) >= 20
    path = tmp_path / "answers.toml"
    path.write_text("\n".join(await export_answers(settings)), encoding="utf-8")
    assert await load(settings, path) == [f"Ready answers now: {len(before)}."]
    assert await exported(settings) == before


async def test_a_changed_file_takes_the_place_of_all(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(
        '[[answer]]\ncode = "one"\nstep = "ask"\ntitle_kk = "Сұрақ"\ntitle_ru = "Вопрос"\n'
        'kk = """Қайда?\n«{number}»"""\nru = """Где?\n«{number}»"""\n',
        encoding="utf-8",
    )
    assert (await load(settings, path, is_dry=True))[0].endswith("Nothing was written.")
    assert len(await exported(settings)) >= 20
    await load(settings, path)
    (answer,) = await exported(settings)
    assert answer["kk"] == "Қайда?\n«{number}»"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("[[answer]]\ncode = 5", AnswersRefused), ("", AnswersRefused), ("answer = 7", AnswersRefused),
     ("[[answer]\n", FileNotRead)],
)  # fmt: skip
async def test_a_wrong_file_changes_nothing(
    settings: Settings, tmp_path: Path, text: str, refusal: type[Exception]
) -> None:
    before = await exported(settings)
    path = tmp_path / "answers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(refusal):
        await load(settings, path)
    with pytest.raises(FileNotRead):
        await load(settings, tmp_path / "nowhere.toml")
    assert await exported(settings) == before
