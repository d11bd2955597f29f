"""An address cut into words, numbers and the marks that mean something."""

import re
from dataclasses import dataclass

from bot.addresses.words import join_marks, skeleton

LONGEST = 200
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|[/,-]")
_LONGEST_NUMBER = 4  # a postal code or a phone number says nothing about the street


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    is_glued: bool

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()

    @property
    def skeleton(self) -> str:
        return skeleton(self.text)


def cut(text: str) -> list[Token]:
    text = join_marks(text[:LONGEST])
    return [
        Token(match[0], match.start() > 0 and not text[match.start() - 1].isspace())
        for match in _TOKEN.finditer(text)
        if len(match[0]) <= _LONGEST_NUMBER or not match[0].isdecimal()
    ]
