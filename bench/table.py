"""What was measured beside what was wanted: rows of a table that can go into docs/performance.md as they are."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`is_met` None: a figure told beside the others, with nothing to hold it against."""

    what: str
    measured: str
    wanted: str = ""
    is_met: bool | None = None

    def line(self) -> str:
        verdict = {True: "met", False: "**missed**", None: ""}[self.is_met]
        return f"| {self.what} | {self.measured} | {self.wanted} | {verdict} |"


HEAD = "| what | measured | wanted | |\n| --- | --- | --- | --- |"


def show(rows: Sequence[Row]) -> None:
    for row in rows:
        print(row.line(), flush=True)


def at(sorted_figures: Sequence[float], part: float) -> float:
    """The figure below which this part of them lies."""
    return sorted_figures[min(int(len(sorted_figures) * part), len(sorted_figures) - 1)]
