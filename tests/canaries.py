"""Names, numbers and accounts that exist nowhere else, and the net that finds them wherever they were carried."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

SYLLABLES = ("зым", "қан", "дүр", "мек", "шәу", "пыр", "төң", "ғыж", "біш", "ұрт")
STEMS = ("Жқырмыз", "Ызғұтт", "qnr_zymkan")  # first name, last name, @name: no other word has them


@dataclass(frozen=True, slots=True)
class Canary:
    """One person's planted strings. On WhatsApp the address is the phone."""

    messenger: str
    name: str
    username: str
    phone: str
    telegram_id: int


def canary(number: int) -> Canary:
    """Every fourth one writes on WhatsApp."""
    word = "".join(SYLLABLES[int(digit)] for digit in f"{number:03d}")
    first, last, username = STEMS
    return Canary(
        messenger="whatsapp" if number % 4 == 3 else "telegram",
        name=f"{first}{word} {last}{word}",
        username=f"{username}_{number:03d}",
        phone=f"+7747{(number + 7) * 7_919_113 % 10_000_000:07d}",
        telegram_id=7_000_000_000 + (number + 11) * 8_765_431 % 900_000_000,
    )


def file_of(who: Canary) -> str:
    """The name of a file he sends, and the owner his camera writes into a picture."""
    return f"{who.username}_file"


@dataclass
class Net:
    """Looks for all of them at once, in every way a program may write them."""

    people: Iterable[Canary]
    written: dict[bytes, str] = field(default_factory=dict)
    numbers: dict[bytes, str] = field(default_factory=dict)
    integers: dict[bytes, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stem in STEMS:
            self.written |= dict.fromkeys(_written(stem), stem)
        for who in self.people:
            numbers = [who.phone.lstrip("+"), *([str(who.telegram_id)] if who.messenger == "telegram" else [])]
            self.numbers |= {number.encode(): number for number in numbers}
            self.integers |= {form: number for number in numbers for form in _as_integer(int(number))}

    def caught(self, where: str, content: str | bytes) -> list[str]:
        """«where: what», for each that is in it."""
        found = set[str]()
        if isinstance(content, str):
            content = content.encode("utf-8", "replace")
        else:
            found |= {number for form, number in self.integers.items() if form in content}
        found |= {stem for form, stem in self.written.items() if form in content}
        folded = content.decode("utf-8", "ignore").casefold()
        found |= {stem for stem in STEMS if stem.casefold() in folded}
        for text in (content, re.sub(rb"[\0 ()\-]|\xc2\xa0", b"", content)):  # in UTF-16, and as people group a number
            found |= {self.numbers[match] for match in _DIGITS.findall(text) if match in self.numbers}
            found |= {self.numbers[match] for match in _LONGER.findall(text) if match in self.numbers}
        return [f"{where}: {word}" for word in sorted(found)]


_DIGITS, _LONGER = re.compile(rb"(?=(7\d{9}))"), re.compile(rb"(?=(7747\d{7}))")


def _written(word: str) -> Iterator[bytes]:
    for form in {word, word.casefold(), word.upper()}:
        yield form.encode()
        yield form.encode("utf-16-le")
        yield form.encode("utf-16-be")
        yield json.dumps(form).strip('"').encode()
        yield quote(form).encode()


def _as_integer(number: int) -> Iterator[bytes]:
    """As SQLite keeps it, and as other programs do."""
    yield number.to_bytes(6, "big")
    yield number.to_bytes(8, "little")
