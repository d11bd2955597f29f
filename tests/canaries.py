"""Names, numbers and accounts that exist nowhere else, and the net that finds them wherever they were carried."""

import io
import json
import re
import zipfile
import zlib
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
    sqlites: dict[bytes, str] = field(default_factory=dict)  # six bytes, the largest first
    others: dict[bytes, str] = field(default_factory=dict)  # eight, the largest last

    def __post_init__(self) -> None:
        for stem in STEMS:
            self.written |= dict.fromkeys(_written(stem), stem)
        for who in self.people:
            numbers = [who.phone.lstrip("+"), *([str(who.telegram_id)] if who.messenger == "telegram" else [])]
            self.numbers |= {number.encode(): number for number in numbers}
            self.sqlites |= {int(number).to_bytes(6, "big"): number for number in numbers}
            self.others |= {int(number).to_bytes(8, "little"): number for number in numbers}

    def caught(self, where: str, content: str | bytes) -> list[str]:
        """«where: what», for each that is in it. A page, a table or an archive is also read as people open it."""
        inside = _opened(content) if isinstance(content, bytes) else ()
        found = {word for piece in (content, *inside) for word in self._found(piece)}
        return [f"{where}: {word}" for word in sorted(found)]

    def _found(self, content: str | bytes) -> set[str]:
        found = set[str]()
        if isinstance(content, str):
            content = content.encode("utf-8", "replace")
        else:
            found |= _behind(content, self.sqlites, slice(2)) | _behind(content, self.others, slice(4, 8))
        found |= {stem for form, stem in self.written.items() if form in content}
        folded = content.decode("utf-8", "ignore").casefold()
        found |= {stem for stem in STEMS if stem.casefold() in folded}
        for text in (content, re.sub(rb"[\0 ()\-]|\xc2\xa0", b"", content)):  # in UTF-16, and as people group a number
            found |= {self.numbers[match] for match in _DIGITS.findall(text) if match in self.numbers}
            found |= {self.numbers[match] for match in _LONGER.findall(text) if match in self.numbers}
        return found


_DIGITS, _LONGER = re.compile(rb"(?=(7\d{9}))"), re.compile(rb"(?=(7747\d{7}))")


def _written(word: str) -> Iterator[bytes]:
    for form in {word, word.casefold(), word.upper()}:
        yield form.encode()
        yield form.encode("utf-16-le")
        yield form.encode("utf-16-be")
        yield json.dumps(form).strip('"').encode()
        yield quote(form).encode()


def _behind(content: bytes, forms: dict[bytes, str], mark: slice) -> set[str]:
    """Which of these stand in it. All have one of a few marks at that place: only there the whole is looked at."""
    start, size = mark.start or 0, len(next(iter(forms), b""))
    marks = b"|".join(re.escape(one) for one in {form[mark] for form in forms})
    places = (found.start() - start for found in re.finditer(b"(?=%b)" % marks, content)) if forms else ()
    return {forms[form] for at in places if (form := content[at : at + size] if at >= 0 else b"") in forms}


# -- files as people open them

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_LETTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>")
_BRACKETED = rb"\((?:\\.|[^\\()])*\)"
_SHOWN = re.compile(rb"\[(?:%b|[^\]()])*\]\s*TJ|%b\s*Tj" % (_BRACKETED, _BRACKETED), re.DOTALL)
_STRING = re.compile(_BRACKETED, re.DOTALL)
_ESCAPED = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


def _opened(content: bytes) -> Iterator[str | bytes]:
    if content.startswith(b"%PDF-"):
        yield from pdf_pieces(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name) for name in packed.namelist())


def pdf_pieces(content: bytes) -> Iterator[str | bytes]:
    """What it holds unpacked, and the words on its pages: they are written in the numbers of each font's letters."""
    streams = [_unpacked(packed) for packed in _STREAM.findall(content)]
    fonts = [
        {number: bytes.fromhex(letter.decode()).decode("utf-16-be") for number, letter in _LETTER.findall(stream)}
        for stream in streams
        if b"beginbfchar" in stream
    ]
    for stream in streams:
        yield stream
        for font in fonts:
            yield "\n".join(_words(shown, font) for shown in _SHOWN.findall(stream))


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return stream


def _words(shown: bytes, font: dict[bytes, str]) -> str:
    text = b"".join(string[1:-1] for string in _STRING.findall(shown))
    text = re.sub(rb"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text, flags=re.DOTALL)
    return "".join(font.get(text[at : at + 2].hex().upper().encode(), "") for at in range(0, len(text), 2))
