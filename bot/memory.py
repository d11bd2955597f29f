"""aiogram's FSM storage over one talk: read once and written once in the turn's own transaction."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from bot.services.talks import TalkView


class TurnMemory(BaseStorage):
    """The form of the person whose turn it is. What handlers change is committed, or forgotten, with the turn."""

    def __init__(self, talk: TalkView) -> None:
        self.talk = talk

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        self.talk.state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        return self.talk.state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self.talk.form = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self.talk.form)

    async def close(self) -> None:
        return
