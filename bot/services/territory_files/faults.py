"""What is wrong in a department's files: every fault has its file and sheet, its line or feature, and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import N_, KorshiError
from bot.i18n import _


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. `line` counts from 1 with the heading; `feature` from 0 as GeoJSON tools do."""

    file: str
    msgid: str
    facts: dict[str, Any] = field(default_factory=dict)
    line: int | None = None
    feature: int | None = None
    code: str = ""
    sheet: str = ""

    def words(self) -> str:
        """The fault in the language of the person spoken to, its place in front."""
        place: dict[str, Any] = {"file": self.file, "fault": _(self.msgid, **self.facts)}
        if self.sheet:
            place["sheet"] = self.sheet
            if self.line is not None:
                return _("{file}, sheet “{sheet}”, line {line}: {fault}", line=self.line, **place)
            return _("{file}, sheet “{sheet}”: {fault}", **place)
        if self.line is not None:
            return _("{file}, line {line}: {fault}", line=self.line, **place)
        if self.feature is not None and self.code:
            return _("{file}, feature {feature} ({code}): {fault}", feature=self.feature, code=self.code, **place)
        if self.feature is not None:
            return _("{file}, feature {feature}: {fault}", feature=self.feature, **place)
        return _("{file}: {fault}", **place)

    def __str__(self) -> str:
        return self.words()


class Faults:
    """Collects the faults of all files, so that staff see everything at once and correct it in one go."""

    def __init__(self) -> None:
        self._found: list[Fault] = []
        self._places: dict[tuple[str, str], int] = {}

    def add(
        self,
        file: str,
        msgid: str,
        *,
        line: int | None = None,
        feature: int | None = None,
        code: str = "",
        sheet: str = "",
        **facts: Any,
    ) -> None:
        self._places.setdefault((file, sheet), len(self._places))
        self._found.append(Fault(file, msgid, facts, line, feature, code, sheet))

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Fault]:
        """File by file, each from its top."""

        def position(fault: Fault) -> tuple[int, int]:
            place = fault.line if fault.line is not None else fault.feature
            return self._places[fault.file, fault.sheet], -1 if place is None else place

        return iter(sorted(self._found, key=position))


class TerritoryRefused(KorshiError):
    """Something in the files is wrong, so nothing of them is taken. `faults` has all of it, file by file."""

    msgid = N_("The territory was not loaded and nothing was changed. Faults found: {count}.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(count=len(faults))
        self.faults = tuple(faults)
