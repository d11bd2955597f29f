"""What a dialog may ask of its messenger: dialogs and channels do not know each other."""

from typing import Protocol


class Links(Protocol):
    @property
    def username(self) -> str: ...

    def start_link(self, payload: str) -> str:
        """The address that opens a private chat and says this payload."""
        ...
