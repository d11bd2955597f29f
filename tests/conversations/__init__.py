"""Transcripts: each is played on every messenger, most in both languages.

Words are named by their message ids, so that one transcript says «Дайын» to one person and «Готово» to another.
"""

from collections.abc import Callable
from typing import Any

import pytest


def on_every_messenger(test: Callable[..., Any]) -> Callable[..., Any]:
    marked: Callable[..., Any] = pytest.mark.parametrize("messenger", ["telegram", "whatsapp"])(test)
    return marked


def in_both_languages(test: Callable[..., Any]) -> Callable[..., Any]:
    marked: Callable[..., Any] = pytest.mark.parametrize("language", ["kk", "ru"])(test)
    return marked
