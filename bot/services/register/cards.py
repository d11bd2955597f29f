"""A contact card that comes as a file (vCard 2.1 to 4.0): its numbers and its name, and nothing else of it."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

LARGEST_CARD = 256 * 1024  # bytes: a name, some numbers and a portrait
MOST_NUMBERS = 20  # different ones that are looked at
LONGEST_VALUE = 200  # characters
UNREAD = "?"  # a number nobody can read: a card with such a one proves nothing either

_TYPES = ("text/vcard", "text/x-vcard", "text/directory")
_NAMED = re.compile(r"\s*(?:[\w-]{1,40}\.)?(TEL|FN|N)\s*(?=[;:])", re.IGNORECASE | re.ASCII)
_WHATSAPP_ID = re.compile(r"waid=\"?(\d{6,20})", re.IGNORECASE | re.ASCII)
_CHARSET = re.compile(r"charset=\"?([\w-]{1,20})", re.IGNORECASE | re.ASCII)
_ESCAPED = re.compile(r"\\([\\,;:nN])")
_CHARSETS = {"utf-8", "utf8", "windows-1251", "cp1251", "koi8-r", "iso-8859-1"}


@dataclass(frozen=True, slots=True)
class Card:
    """`numbers` as they are written, each once; a number WhatsApp would open a chat with is one of them."""

    numbers: tuple[str, ...]
    name: str


def is_card(mime: str | None) -> bool:
    return (mime or "").partition(";")[0].strip().casefold() in _TYPES


def read_card(content: bytes) -> Card | None:
    """None: no card, too large, or neither a number nor a name in it. Several cards in one file are read as one."""
    if len(content) > LARGEST_CARD:
        return None
    text = _decoded(content, "utf-8-sig")
    if not text.lstrip().upper().startswith("BEGIN:VCARD"):
        return None
    numbers: dict[str, None] = {}
    names = {"FN": "", "N": ""}
    for kind, line in _lines(text):
        parameters, value = _parts(line)
        value = _value(parameters, value)
        if kind == "TEL":
            said = _WHATSAPP_ID.findall(parameters)
            for number in (_number(value), *(f"+{digits}" for digits in said)):
                if number:
                    numbers[number if len(numbers) < MOST_NUMBERS else UNREAD] = None
        elif not names[kind]:
            names[kind] = _structured(value) if kind == "N" else _plain(value)
    name = names["FN"] or names["N"]
    return Card(tuple(numbers), name[:LONGEST_VALUE]) if numbers or name else None


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines of numbers and names, put together again where they were folded."""
    kind, parts = "", list[str]()
    is_printable = goes_on = False
    for line in re.split(r"\r\n|\n|\r", text):
        if kind and (goes_on or line[:1] in (" ", "\t")):
            parts.append(line if goes_on else line[1:])
        else:
            if kind:
                yield kind, "".join(parts)
            found = _NAMED.match(line)
            kind, parts = (found[1].upper(), [line[found.end() :]]) if found else ("", [])
            is_printable = bool(kind) and "quoted-printable" in parts[0][:LONGEST_VALUE].casefold()
        goes_on = is_printable and parts[-1].endswith("=")
        if goes_on:
            parts[-1] = parts[-1][:-1]
    if kind:
        yield kind, "".join(parts)


def _parts(line: str) -> tuple[str, str]:
    """Parameters and value: a colon between quotation marks belongs to a parameter."""
    is_quoted = False
    for at, letter in enumerate(line):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == ":" and not is_quoted:
            return line[:at], line[at + 1 :]
    return "", line


def _value(parameters: str, value: str) -> str:
    said = parameters.casefold()
    found = _CHARSET.search(said)
    charset = found[1] if found and found[1] in _CHARSETS else "utf-8"
    if "quoted-printable" in said:
        return _decoded(quopri.decodestring(value.encode("utf-8", "replace")), charset)
    if re.search(r"base64|encoding=b\b", said):
        try:
            return _decoded(base64.b64decode(value, validate=False), charset)
        except (binascii.Error, ValueError):
            return UNREAD
    return value


def _decoded(content: bytes, charset: str) -> str:
    """Old telephones write cards in the alphabet of their country."""
    try:
        return content.decode(charset)
    except UnicodeDecodeError:
        return content.decode("cp1251", "replace")


def _number(value: str) -> str:
    number = _plain(value)
    if number[:4].casefold() == "tel:":
        number = unquote(number[4:])
    return number.strip() if len(number) <= LONGEST_VALUE else UNREAD


def _structured(value: str) -> str:
    """«family;given;…»: the given name first."""
    words = [_plain(word) for word in re.split(r"(?<!\\);", value[: 2 * LONGEST_VALUE])]
    return " ".join(word for word in (*words[1:2], *words[:1]) if word)


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).strip()
