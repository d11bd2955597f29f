"""Pydantic models of libraries, built when they are first needed and not all of them at the start.

aiogram builds each of Telegram's 600 types and methods when it is imported: three quarters of its time and 110 MB,
mostly for gifts, stickers and shops that no dialog of ours names. Pydantic can put that off (`defer_build`) and
aiogram asks for it, but its own loop then builds them all, as it alone knows the names by which they refer to one
another.
"""

import sys
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict


def import_late(*libraries: str) -> None:
    """Import aiogram (and others) with their models unbuilt; to be called before anything else imports it."""
    if "aiogram" in sys.modules:
        return
    rebuild, config = BaseModel.__dict__["model_rebuild"], BaseModel.model_config
    names: dict[str, Any] = {}

    def build(model: Any, /, *, _types_namespace: Any = None, **options: Any) -> bool | None:
        built: bool | None = rebuild.__func__(model, _types_namespace=names | (_types_namespace or {}), **options)
        return built

    def put_off(model: Any, /, *, _types_namespace: Any = None, **options: Any) -> bool | None:
        names.update(_types_namespace or {})
        is_used = not options.get("raise_errors", True)  # the way pydantic asks when an unbuilt model is used
        return build(model, **options) if is_used else None

    _set(BaseModel, model_rebuild=classmethod(put_off), model_config=ConfigDict(defer_build=True))
    try:
        for library in ("aiogram", *libraries):
            import_module(library)
    finally:
        _set(BaseModel, model_rebuild=rebuild, model_config=config)
    from aiogram.client.context_controller import BotContextController
    from aiogram.methods import Response

    for ancestor in (BotContextController, Response):
        _set(ancestor, model_rebuild=classmethod(build))


def _set(model: type[BaseModel], **attributes: Any) -> None:
    for name, value in attributes.items():
        setattr(model, name, value)


def build_what_talks_need() -> list[type[BaseModel]]:
    """What an update and the answer to it are made of, so that nobody's first message waits for 0.2 s of building.

    The message first: the others take it over. Keep what is returned, or pydantic forgets the generic ones."""
    from aiogram import methods, types

    spoken = (methods.SendMessage, methods.EditMessageText, methods.AnswerCallbackQuery)
    models: list[type[BaseModel]] = [types.Message, types.CallbackQuery, types.Update]
    models += [types.InlineKeyboardMarkup, types.ReplyKeyboardMarkup, *spoken]
    models += [methods.Response[method.__returning__] for method in spoken]  # type: ignore[name-defined]
    for model in models:
        model.model_rebuild()
    return models
