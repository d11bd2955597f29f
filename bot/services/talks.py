"""Where each dialog stands: state and form, and the numbers a menu gave its choices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.store import keys
from bot.store.talks import Talk

MENU_LIMIT = 60  # numbers beyond that are noise: the old ones are let go


NEXT_MENU = ("", "")  # between two menus, so that a choice of both has a number in each


@dataclass(slots=True)
class TalkView:
    state: str | None = None
    form: dict[str, Any] = field(default_factory=dict)
    menu: list[tuple[str, str]] = field(default_factory=list)  # (label, value) in the order of their numbers
    menu_is_open: bool = False  # free words are expected: labels count, numbers do not
    menu_takes_words: bool = False  # free words are expected, and numbers of the menu count


class Talks:
    """One read and one write a turn: the unit keeps the rows it has seen."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def read(self, key: bytes) -> TalkView:
        row = await self._session.get(Talk, key)
        if row is None:
            return TalkView()
        menu = row.menu or {}
        items = [(label, value) for label, value in menu.get("items", [])]
        return TalkView(row.state, dict(row.form or {}), items, bool(menu.get("open")), bool(menu.get("words")))

    async def write(self, key: bytes, talk: TalkView) -> None:
        row = await self._session.get(Talk, key)
        if row is None:
            row = Talk(key=key)
            self._session.add(row)
        row.state = talk.state
        row.form = talk.form or None
        row.menu = menu_of(talk)
        row.updated_at = self._clock.now()

    async def add_menu(self, key: bytes, items: Sequence[tuple[str, str]]) -> tuple[int, bool]:
        """A notice's choices, numbered after those of the open menu: both stay valid. Number of the first; open?"""
        talk = await self.read(key)
        if len(numbered(talk.menu)) > MENU_LIMIT:
            talk.menu = []
        first = len(numbered(talk.menu)) + 1
        talk.menu = [*talk.menu, NEXT_MENU, *items]
        await self.write(key, talk)
        return first, talk.menu_is_open

    async def forget(self, key: bytes) -> None:
        await self._session.execute(delete(Talk).where(Talk.key == key))


def menu_of(talk: TalkView) -> dict[str, Any] | None:
    """As it is kept."""
    if not talk.menu:
        return None
    items = [list(item) for item in talk.menu]
    return {"items": items, "open": talk.menu_is_open, "words": talk.menu_takes_words}


def numbered(menu: Sequence[tuple[str, str]]) -> list[str]:
    """The values of the numbers 1, 2 …: a choice's labels in both languages stand beside each other."""
    return [value for value, _labels in groupby(value for _label, value in menu) if value]


def talk_key(messenger: str, chat: str, person: str, part: str = "") -> bytes:
    return keys.ring().fingerprint("talk", messenger, chat, person, part)
