"""The department's ready answers in and out of a file: checked whole, replaced whole."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.commands import units_of
from bot.config import Settings
from bot.errors import N_, KorshiError
from bot.services.answers import AnswerView


class FileNotRead(KorshiError):
    msgid = N_("{path} cannot be read: {reason}")


class AnswersRefused(KorshiError):
    msgid = N_("Nothing was loaded. Put right what is listed above and try again.")


async def load_answers(settings: Settings, path: Path, *, is_dry: bool, say: Callable[[str], None]) -> None:
    """What is not in the file is gone. Raises FileNotRead, AnswersRefused after naming every fault."""
    entries = _read(path)
    units = units_of(settings)
    try:
        async with units() as unit:
            faults = await unit.answers.faults(entries)
            for fault in faults:
                say(fault)
            if faults:
                raise AnswersRefused
            if is_dry:
                say(f"The file is right: {len(entries)} ready answers. Nothing was written.")
                return
            count = await unit.answers.replace_all(entries)
    finally:
        await units.house.database.close()
    say(f"Ready answers now: {count}.")


def _read(path: Path) -> list[Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileNotRead(path=path, reason=error) from None
    entries = document.get("answer", [])
    return entries if isinstance(entries, list) else [entries]


async def export_answers(settings: Settings) -> list[str]:
    """As a file that can be changed and loaded again."""
    units = units_of(settings)
    try:
        async with units.reading() as unit:
            answers = await unit.answers.everything()
    finally:
        await units.house.database.close()
    return [line for answer in answers for line in _lines(answer)]


def _lines(answer: AnswerView) -> list[str]:
    fields: dict[str, object] = {"code": answer.code}
    if answer.category:
        fields["category"] = answer.category
    fields["step"] = answer.step
    if answer.is_automatic:
        fields["automatic"] = True
    fields |= {"title_kk": answer.title.kk, "title_ru": answer.title.ru, "kk": answer.text.kk, "ru": answer.text.ru}
    # A JSON string is a TOML basic string but for DEL, which no text has.
    return ["[[answer]]", *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()), ""]
