"""What can be told of an update at a glance, and what a filter will say of all that look alike."""

from typing import Literal, NamedTuple, Protocol


class Sign(NamedTuple):
    """Updates with the same sign are asked of the same handlers."""

    kind: str  # aiogram's name of the event: message, callback_query, …
    said: Literal["", "words", "command"]  # the text alone: a caption may be a command too
    command: str  # of the text or the caption; as the next: empty, if it is one that no filter names
    word: str  # the key of a typed word, or the button's prefix
    has_point: bool
    is_in_group: bool
    state: str | None
    is_officer: bool
    is_newcomer: bool  # language or consent is missing
    is_stopped: bool


class Foresees(Protocol):
    """A filter that knows its answer before it is asked. Only the class that says so itself is believed: what a
    subclass changes, it says anew."""

    def foresees(self, sign: Sign) -> bool | None:
        """None: ask. Anything else is what it would answer to every update of this sign."""
