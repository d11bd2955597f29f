"""How much work a pattern of `re` is: its steps and its ways back are counted, since no test may look at a clock.

A slow twin of the engine, for the operations our patterns have; `steps` checks that both find the same.
"""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Then = Callable[[int], int | None]  # the rest of the pattern: where the match ends, or None

_FOLDED = int(re.IGNORECASE)
_ONE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)  # operations that take one character
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}


def steps(pattern: re.Pattern[str], text: str) -> int:
    """Of looking for the pattern through the whole text."""
    twin, deep = _Twin(text), sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        spans = twin.spans(pattern)
    finally:
        sys.setrecursionlimit(deep)
    assert spans == [found.span() for found in pattern.finditer(text)], pattern.pattern
    return twin.steps


def work(patterns: Iterable[re.Pattern[str]], text: str) -> int:
    return sum(steps(pattern, text) for pattern in patterns)


@dataclass
class _Twin:
    text: str
    steps: int = 0

    def spans(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        nodes, flags, found, at = parser.parse(pattern.pattern, pattern.flags), int(pattern.flags), [], 0
        while at <= len(self.text):
            end = self._run(nodes, 0, at, flags, lambda end: end)
            if end is not None:
                found.append((at, end))
            at = end if end is not None and end > at else at + 1
        return found

    def _run(self, nodes: Any, node: int, at: int, flags: int, then: Then) -> int | None:
        self.steps += 1
        if node == len(nodes):
            return then(at)
        what, given = nodes[node]

        def rest(at: int) -> int | None:
            return self._run(nodes, node + 1, at, flags, then)

        if what in _ONE:
            return rest(at + 1) if self._fits(what, given, at, flags) else None
        if what is op.AT:
            return rest(at) if self._is_at(given, at) else None
        if what in (op.ASSERT, op.ASSERT_NOT):
            return rest(at) if self._sees(*given, at, flags) is (what is op.ASSERT) else None
        if what is op.SUBPATTERN:
            _group, more, less, inner = given
            return self._run(inner, 0, at, (flags | more) & ~less, rest)
        if what is op.BRANCH:
            ends = (self._run(way, 0, at, flags, rest) for way in given[1])
            return next((end for end in ends if end is not None), None)
        if what is op.MAX_REPEAT:
            return self._repeat(*given, at, flags, rest)
        raise NotImplementedError(what)

    def _repeat(self, least: int, most: int, inner: Any, at: int, flags: int, rest: Then) -> int | None:
        if len(inner) == 1 and inner[0][0] in _ONE:
            last = at
            while last - at < most and self._fits(*inner[0], last, flags):
                last += 1
            ends = (rest(end) for end in range(last, at + least - 1, -1))
            return next((end for end in ends if end is not None), None)

        def again(count: int, at: int) -> int | None:
            end = None
            if count < most:
                end = self._run(inner, 0, at, flags, lambda new: again(count + 1, new) if new > at else None)
            return rest(at) if end is None and count >= least else end

        return again(0, at)

    def _sees(self, direction: int, inner: Any, at: int, flags: int) -> bool:
        if direction > 0:
            return self._run(inner, 0, at, flags, lambda end: end) is not None
        begin = at - inner.getwidth()[0]
        return begin >= 0 and self._run(inner, 0, begin, flags, lambda end: end if end == at else None) is not None

    def _is_at(self, place: Any, at: int) -> bool:
        if place in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0
        if place in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
            before, after = _is_word(self.text[:at][-1:]), _is_word(self.text[at : at + 1])
            return (before is not after) is (place is op.AT_BOUNDARY)
        if place in (op.AT_END, op.AT_END_STRING):
            return at == len(self.text)
        raise NotImplementedError(place)

    def _fits(self, what: Any, given: Any, at: int, flags: int) -> bool:
        self.steps += 1
        if at >= len(self.text):
            return False
        letter = self.text[at]
        is_folded = bool(flags & _FOLDED)
        ways = (letter, letter.lower(), letter.upper()) if is_folded else (letter,)
        if what is op.ANY:
            return letter != "\n"
        if what is op.LITERAL:
            return chr(given) in ways or (is_folded and chr(given).lower() in ways)
        if what is op.NOT_LITERAL:
            return chr(given) not in ways
        is_not = given[0][0] is op.NEGATE
        return any(_holds(item, ways) for item in given[is_not:]) is not is_not


def _holds(item: tuple[Any, Any], ways: tuple[str, ...]) -> bool:
    what, given = item
    if what is op.LITERAL:
        return chr(given) in ways
    if what is op.RANGE:
        return any(given[0] <= ord(way) <= given[1] for way in ways if len(way) == 1)
    return any(_CATEGORIES[given](way) for way in ways)


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
