"""Which precinct each chat belongs to after a switch: pure rules, so that what is compared is what will happen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import N_
from bot.services.chats import chat_fingerprint
from bot.services.territory.index import Survey
from bot.terms import Messenger


class Why(StrEnum):
    """Why a chat belongs where it belongs."""

    LIST = "list"
    RESTORED = "restored"
    HAND = "hand"
    POINT = "point"
    ADDRESS = "address"
    KEPT = "kept"
    VANISHED = "vanished"
    NOWHERE = "nowhere"


WHY = {
    Why.LIST: N_("as the list says"),
    Why.RESTORED: N_("as it was before"),
    Why.HAND: N_("bound by hand in the meantime: stays"),
    Why.POINT: N_("by its point"),
    Why.ADDRESS: N_("by its address"),
    Why.KEPT: N_("stays"),
    Why.VANISHED: N_("its precinct is gone: unbound"),
    Why.NOWHERE: N_("not bound"),
}


@dataclass(frozen=True, slots=True)
class ChatNow:
    """A chat as it is. `key` is its fingerprint; a chat the bot has left is not open."""

    id: int
    key: bytes
    title: str
    is_open: bool
    precinct: str | None
    second: str | None
    place: str
    point: tuple[float, float] | None
    bound_by_hand_at: datetime | None
    bound_by: int | None = None


@dataclass(frozen=True, slots=True)
class ChatPlan:
    """A chat as it will be. `id` is None for a group the list names for the first time; `restored` is all that was
    written down of a chat when the generation that comes back was left."""

    id: int | None
    title: str
    before: str | None
    precinct: str | None
    second: str | None
    place: str
    point: tuple[float, float] | None
    why: Why
    listed: Mapping[str, Any] | None = field(default=None, repr=False)
    restored: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def is_moved(self) -> bool:
        return self.id is not None and self.precinct != self.before


class Placing:
    """Places by the borders and houses of one survey; each place is looked up once. Without a survey: nowhere."""

    def __init__(self, survey: Survey | None) -> None:
        self._survey = survey
        self._known: dict[tuple[tuple[float, float] | None, str], tuple[str | None, str | None, Why]] = {}

    def warm(self, chats: Iterable[ChatNow]) -> None:
        """The slow part ahead of the transaction: a typed address costs milliseconds."""
        for chat in chats:
            self.of(chat.point, chat.place)

    def of(self, point: tuple[float, float] | None, place: str) -> tuple[str | None, str | None, Why]:
        """The precinct and its neighbour; Why.NOWHERE where neither point nor address says one."""
        if (point, place) not in self._known:
            self._known[point, place] = self._look(point, place)
        return self._known[point, place]

    def _look(self, point: tuple[float, float] | None, place: str) -> tuple[str | None, str | None, Why]:
        if self._survey is None:
            return None, None, Why.NOWHERE
        if point is not None:
            near = self._survey.near(*point)
            if near.precinct is not None:
                return near.precinct, near.neighbour, Why.POINT
        if place:
            match = self._survey.of_address(place)
            if match is not None:
                return match.precinct, None, Why.ADDRESS
        return None, None, Why.NOWHERE


Listed = Mapping[bytes, Mapping[str, Any]]
"""Rows of a list of chats by the chat's fingerprint."""


@dataclass(frozen=True, slots=True)
class Back:
    """Of a generation that comes back: when it was left, what the list of the one that goes says of chats, and the
    chats people have unbound since."""

    left_at: datetime
    leaving: Listed = field(default_factory=dict)
    loosened: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the generation to come says about chats. `restored` are chats by id as it left them."""

    codes: frozenset[str]
    placing: Placing
    listed: Listed
    restored: Mapping[int, Mapping[str, Any]]
    back: Back | None = None


def incoming_of(chats: Any, codes: frozenset[str], placing: Placing, back: Back | None) -> Incoming:
    """`chats` as `content` has them: rows of a list, or by id what was left."""
    if back is None:
        return Incoming(codes, placing, _by_key(chats), {})
    return Incoming(codes, placing, {}, {int(id_): entry for id_, entry in dict(chats).items()}, back)


def listed_chats(lists: Mapping[str, Any] | None) -> Listed:
    """What a generation's own files say of chats."""
    return _by_key((lists or {}).get("files", {}).get("chats", ()))


def _by_key(entries: Iterable[Mapping[str, Any]]) -> Listed:
    return {chat_fingerprint(Messenger.TELEGRAM, str(entry["telegram_id"])): entry for entry in entries}


def plan_chats(chats: Iterable[ChatNow], incoming: Incoming) -> list[ChatPlan]:
    """Every chat there is, and those the list adds."""
    plans = [_plan(chat, incoming) for chat in chats]
    known = {chat.key for chat in chats}
    for key, entry in incoming.listed.items():
        if key not in known:
            point = tuple(entry["point"]) if entry["point"] else None
            plans.append(
                ChatPlan(
                    None, entry["title"], None, entry["precinct"], entry["second"], entry["place"], point, Why.LIST,
                    listed=entry,
                )
            )  # fmt: skip
    return plans


def _plan(chat: ChatNow, incoming: Incoming) -> ChatPlan:
    def become(precinct: str | None, second: str | None, why: Why) -> ChatPlan:
        second = second if second in incoming.codes and second != precinct else None
        return ChatPlan(chat.id, chat.title, chat.precinct, precinct, second, chat.place, chat.point, why)

    exists = chat.precinct in incoming.codes
    if not chat.is_open:
        return become(chat.precinct if exists else None, chat.second, Why.KEPT)
    if (back := incoming.back) is not None:
        before = incoming.restored.get(chat.id)
        is_new_hand = chat.bound_by_hand_at is not None and chat.bound_by_hand_at > back.left_at
        if is_new_hand and exists:
            is_changed = before is not None and before["precinct"] != chat.precinct
            return become(chat.precinct, chat.second, Why.HAND if is_changed else Why.KEPT)
        if chat.precinct is None and chat.id in back.loosened:
            return become(None, None, Why.NOWHERE)
        if before is not None:
            return _as_it_was(chat, before, incoming, back)
        if chat.key in back.leaving and chat.bound_by is None:
            return become(None, None, Why.RESTORED)
    elif (entry := incoming.listed.get(chat.key)) is not None:
        point = tuple(entry["point"]) if entry["point"] else chat.point
        place = entry["place"] or chat.place
        why = Why.KEPT if entry["precinct"] == chat.precinct else Why.LIST
        return ChatPlan(
            chat.id, entry["title"], chat.precinct, entry["precinct"], entry["second"], place, point, why, listed=entry
        )
    if chat.precinct is None:
        return become(None, None, Why.NOWHERE)
    precinct, neighbour, why = incoming.placing.of(chat.point, chat.place)
    if precinct is not None and not (exists and chat.precinct in (precinct, neighbour)):
        return become(precinct, neighbour, why)
    return become(chat.precinct, chat.second, Why.KEPT) if exists else become(None, None, Why.VANISHED)


def _as_it_was(chat: ChatNow, before: Mapping[str, Any], incoming: Incoming, back: Back) -> ChatPlan:
    """A title that is not the list's was given by the group itself, and stays."""
    second = before["second"] if before["second"] in incoming.codes and before["second"] != before["precinct"] else None
    why = Why.KEPT if before["precinct"] == chat.precinct else Why.RESTORED
    title, place, point = chat.title, chat.place, chat.point
    if "place" in before:  # an older program wrote down the binding alone
        place, point = before["place"], tuple(before["point"]) if before["point"] else None
        if back.leaving.get(chat.key, {}).get("title") == title:
            title = before["title"]
    return ChatPlan(
        chat.id, title, chat.precinct, before["precinct"], second, place, point, why,
        restored=before if "place" in before else None,
    )  # fmt: skip
