"""Posters of precincts: whom to turn to, and a code that opens the talk."""

from bot.poster.sheet import Card, Link, Sheet

__all__ = ["Card", "Link", "Sheet"]
