"""Houses of one street, as a warning is aimed at them and as a group's yard is known. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.addresses import Run, read_house
from bot.i18n import Bilingual


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses of one street, as a warning is aimed at them.

    `names`: what the street is and was called, as fingerprints are made of it. `runs`: first, last, side (see Run).
    `chat_ids`: the groups whose yard is at one of them, when they were written down."""

    street: Bilingual
    names: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    runs: tuple[tuple[int, int, int | None], ...] = ()
    precinct_ids: tuple[int, ...] = ()
    chat_ids: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "street": [self.street.kk, self.street.ru],
            "names": list(self.names),
            "numbers": list(self.numbers),
            "runs": [list(run) for run in self.runs],
            "precincts": list(self.precinct_ids),
            "chats": list(self.chat_ids),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Houses":
        return cls(
            Bilingual(*value["street"]),
            tuple(value["names"]),
            tuple(value["numbers"]),
            tuple((first, last, side) for first, last, side in value["runs"]),
            tuple(value["precincts"]),
            tuple(value.get("chats", ())),
        )

    def meets(self, other: "Houses") -> bool:
        """Have they a house in common? «12А» lies in a run around 12 and is another house than «12»."""
        if not set(self.names) & set(other.names):
            return False
        in_runs, of_other = _in_runs(self.runs), _in_runs(other.runs)
        return bool(
            set(self.numbers) & set(other.numbers)
            or in_runs & (of_other | _plain(other.numbers))
            or of_other & _plain(self.numbers)
        )


def _in_runs(runs: Iterable[tuple[int, int, int | None]]) -> set[int]:
    return {number for first, last, side in runs for number in Run(first, last, side)}


def _plain(numbers: Iterable[str]) -> set[int]:
    return {house.number for number in numbers if (house := read_house(number)) is not None}
