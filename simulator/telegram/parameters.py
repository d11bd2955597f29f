"""Reads and checks the parameters of a call against aiogram's generated models, the official specification in code."""

import json
import types as builtin_types
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import InputFile
from pydantic import BaseModel, ValidationError

from simulator.telegram.refusals import bad
from simulator.things import Json

_EMPTY = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "video": "there is no video in the request",
    "voice": "there is no voice in the request",
    "audio": "there is no audio in the request",
    "document": "there is no document in the request",
    "sticker": "there is no sticker in the request",
    "user_id": "invalid user_id specified",
}


def _leaves(annotation: Any) -> set[Any]:
    origin = get_origin(annotation)
    if origin is Union or origin is builtin_types.UnionType:
        return set().union(*(_leaves(part) for part in get_args(annotation)))
    if hasattr(annotation, "__metadata__"):
        return _leaves(annotation.__origin__)
    return {annotation}


def _number_or_name(name: str, value: str) -> int | str:
    return int(value) if value.lstrip("-").isdigit() else value


def _words(name: str, value: str) -> str:
    return value


def _structure(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        lowered = value.strip().lower()
        if lowered in ("true", "false"):
            return lowered == "true"
        raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None


class Shape:
    """The parameters of one method."""

    def __init__(self, model: type[TelegramMethod[Any]]) -> None:
        self.model = model
        self.name: str = model.__api_method__
        self._readers: dict[str, Callable[[str, str], Any]] = {}
        self._texts: set[str] = set()
        self.files: set[str] = set()
        for name, field in model.model_fields.items():
            leaves = _leaves(field.annotation)
            if InputFile in leaves:
                self.files.add(name)
            if int in leaves and str in leaves:
                self._readers[name] = _number_or_name
            elif str in leaves or InputFile in leaves:
                self._readers[name] = _words
                self._texts.add(name)
            else:
                self._readers[name] = _structure

    def read(self, given: Json) -> Json:
        """Parameters as JSON values; raises the refusal of the real server when something is wrong."""
        read: Json = {}
        for name, value in given.items():
            reader = self._readers.get(name)
            if reader is None:
                raise bad(f'unknown parameter "{name}" of method {self.name}')
            read[name] = reader(name, value) if isinstance(value, str) else value
        try:
            checked = self.model.model_validate({k: v for k, v in read.items() if v is not None})
        except ValidationError as trouble:
            raise self._refusal(trouble) from None
        unknown = _unknown_inside(checked)
        if unknown is not None:
            raise bad(f'unknown field "{unknown}" in the parameters of method {self.name}')
        return read

    def _refusal(self, trouble: ValidationError) -> Exception:
        first = trouble.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing" and len(first["loc"]) == 1:
            return bad(_EMPTY.get(place, f'parameter "{place}" is required'))
        return bad(f'parameter "{place}": {first["msg"]}')


def _unknown_inside(value: Any) -> str | None:
    """A key in a nested object that its type does not have."""
    if isinstance(value, BaseModel):
        if value.model_extra:
            return next(iter(value.model_extra))
        for name in value.model_fields_set:
            unknown = _unknown_inside(getattr(value, name))
            if unknown is not None:
                return unknown
    elif isinstance(value, list):
        for item in value:
            unknown = _unknown_inside(item)
            if unknown is not None:
                return unknown
    return None


@lru_cache(maxsize=1)
def _models() -> dict[str, type[TelegramMethod[Any]]]:
    found: dict[str, type[TelegramMethod[Any]]] = {}
    for name in aiogram.methods.__all__:
        model = getattr(aiogram.methods, name)
        if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod:
            found[model.__api_method__.lower()] = model
    return found


@lru_cache(maxsize=256)
def shape(method: str) -> Shape | None:
    """The shape of a method by its name in any case; None when Telegram has no such method."""
    model = _models().get(method.lower())
    return None if model is None else Shape(model)
