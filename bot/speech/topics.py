"""Topics of warnings as buttons."""

from collections.abc import Collection
from dataclasses import replace

from bot.services.subscriptions import topics
from bot.speech import Choice, choose_named
from bot.speech.calls import Follow


def topic_choices(chosen: Collection[str]) -> list[Choice]:
    found = []
    for one in topics():
        plain = choose_named(one.name, Follow(do="topic", code=one.code))
        label = f"✅ {plain.label}" if one.code in chosen else f"▫️ {plain.label}"
        found.append(replace(plain, label=label, also=plain.label))
    return found
