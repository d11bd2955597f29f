"""Ours beside its baseline: the same work in turns, round after round, so that a noisy machine spoils both alike."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Comparison:
    """`ours` and `baseline` hold one figure a round; what counts is the ratio within a round."""

    target: str
    what: str
    unit: str
    baseline_is: str
    wanted: str
    ours: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_met: Callable[[float], bool] | None = None

    @property
    def ratios(self) -> list[float]:
        return [ours / base for ours, base in zip(self.ours, self.baseline, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def lines(self) -> list[str]:
        verdict = "" if self.is_met is None else "  met" if self.is_met(self.ratio) else "  MISSED"
        return [
            f"{self.target}  {self.what}",
            f"      ours      {spread(self.ours, self.unit)}",
            f"      baseline  {spread(self.baseline, self.unit)}   {self.baseline_is}",
            f"      ratio     {spread(self.ratios, '×')}   wanted {self.wanted}{verdict}",
            *(f"      {note}" for note in self.notes),
        ]


def spread(figures: list[float], unit: str) -> str:
    """Median (least – most)."""
    low, middle, high = min(figures), statistics.median(figures), max(figures)
    return f"{_number(middle)} {unit} ({_number(low)} – {_number(high)})"


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
