"""aiogram's models are built when they are needed: fewer at the start, all of them the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
START = """
import json, re
from bot.late_models import import_late
if {is_late}:
    import_late("fastapi")
import aiogram.methods, aiogram.types
from pydantic import BaseModel

def telegrams():
    for part in (aiogram.types, aiogram.methods):
        for name, model in sorted(vars(part).items()):
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield f"{{part.__name__}}.{{name}}", model

def built():
    return [name for name, model in telegrams() if model.__pydantic_complete__]
"""
SHAPES = """
shapes = {}
for name, model in telegrams():
    if not model.__pydantic_generic_metadata__["parameters"]:
        model.model_rebuild()
        shapes[name] = {field: re.sub(" at 0x[0-9a-f]+", "", str(told.annotation)) for field, told in model.model_fields.items()}
print(json.dumps(shapes))
"""
TALK = """
import bot.app
from bot.late_models import build_what_talks_need
at_start, kept = built(), build_what_talks_need()
before = built()
from aiogram import Bot
from aiogram.methods import EditMessageText, Response, SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

bot = Bot("1:" + "A" * 35)
told = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "/tip"}
told["from"] = {"id": 1, "is_bot": False, "first_name": "Сана"}
pressed = {"id": "1", "from": told["from"], "chat_instance": "1", "message": told, "data": "x"}
Update.model_validate({"update_id": 1, "message": told}, context={"bot": bot})
Update.model_validate({"update_id": 2, "callback_query": pressed}, context={"bot": bot})
buttons = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="a", callback_data="b")]])
SendMessage(chat_id=1, text="Сәлем", reply_markup=buttons).model_dump()
EditMessageText(chat_id=1, message_id=1, text="Сәлем", reply_markup=buttons).model_dump()
Response[Message].model_validate({"ok": True, "result": told}, context={"bot": bot})
print(json.dumps([at_start, before, built()]))
"""


def told_by(code: str, *, is_late: bool = True) -> Any:
    """What a process of its own prints: here everything is imported already."""
    done = subprocess.run(
        [sys.executable, "-c", START.format(is_late=is_late) + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def talk() -> Any:
    return told_by(TALK)


def test_a_start_builds_next_to_nothing(talk: Any) -> None:
    at_start, _, _ = talk
    assert len(at_start) < 10, at_start


def test_the_first_words_of_a_talk_build_hardly_anything(talk: Any) -> None:
    """Nothing that contains a message: that takes 0.2 s of the loop."""
    _, before, after = talk
    assert {"aiogram.types.Message", "aiogram.types.Update"} <= set(before)
    assert set(after) - set(before) <= {"aiogram.types.InlineKeyboardButton"}


def test_built_late_they_are_what_aiogram_makes_them() -> None:
    shapes = told_by(SHAPES)
    assert len(shapes) > 500
    assert shapes == told_by(SHAPES, is_late=False)


def test_what_came_after_builds_its_models_at_once() -> None:
    code = (
        "class Own(BaseModel):\n    number: int\nprint(json.dumps([Own.__pydantic_complete__, BaseModel.model_config]))"
    )
    assert told_by(code) == [True, {}]
