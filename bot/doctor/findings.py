"""What an examination says: a line a finding, and what to do about it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    is_fine: bool
    what: str
    advice: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        line = f"{'✓' if self.is_fine else '✗'} {self.what}"
        return f"{line} → {self.advice}" if self.advice else line


class Examination(list[Finding]):
    """The findings of one check, in the order they were made."""

    def fine(self, what: str, advice: str = "") -> None:
        self.append(Finding(True, what, advice))

    def fault(self, what: str, advice: str) -> None:
        self.append(Finding(False, what, advice))
