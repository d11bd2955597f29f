"""A resident chooses topics and quiet hours, in either language and on either messenger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.speech.calls import Follow, Open
from bot.store.residents import Resident
from bot.terms import Language, Messenger
from handlers import subscriptions
from tests.handlers.department import Department, Talker, department


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path) as house:
        yield house


async def resident(house: Department, messenger: Messenger, language: Language = Language.RU) -> Talker:
    person = await house.officer(subscriptions.router(), None, messenger=messenger)
    async with house.units() as unit:
        known = await unit.residents.meet(messenger, person.address, "")
        await unit.residents.choose_language(known, language)
    return person


async def kept(house: Department, person: Talker) -> tuple[frozenset[str], tuple[int | None, int | None]]:
    async with house.units.reading() as unit:
        known = await unit.residents.meet(person.messenger, person.address, "", heard=False)
        row = await unit._session.get_one(Resident, known.id)
        return await unit.subscriptions.of(known.id), (row.quiet_from, row.quiet_until)


@pytest.mark.parametrize("messenger", list(Messenger))
@pytest.mark.parametrize(("language", "word"), [(Language.KK, "Ұрлық"), (Language.RU, "Кражи")])
async def test_topics_are_switched_on_and_off(
    house: Department, messenger: Messenger, language: Language, word: str
) -> None:
    person = await resident(house, messenger, language)
    await person.presses(Open(what="subscription"))
    assert len(person.choices) <= 6
    await person.presses(Follow(do="topics"))
    assert any(choice.label == f"▫️ {word}" for choice in person.choices)
    await person.presses(Follow(do="topic", code="theft"))
    assert any(choice.label == f"✅ {word}" for choice in person.choices)
    assert (await kept(house, person))[0] == {"theft"}
    await person.presses(Open(what="subscription"))
    assert word in person.text
    await person.presses(Follow(do="topic", code="theft"))
    assert (await kept(house, person))[0] == frozenset()


async def test_get_warnings_means_the_default_topic_and_unsubscribing_all(house: Department) -> None:
    person = await resident(house, Messenger.TELEGRAM)
    await person.presses(Open(what="subscribe"))
    assert (await kept(house, person))[0] == {"warnings"}
    await person.presses(Follow(do="topic", code="roads"))
    await person.presses(Open(what="unsubscribe"))
    assert (await kept(house, person))[0] == frozenset()


@pytest.mark.parametrize("messenger", list(Messenger))
async def test_own_quiet_hours_by_button_and_in_words(house: Department, messenger: Messenger) -> None:
    person = await resident(house, messenger)
    await person.presses(Follow(do="quiet"))
    await person.presses(Follow(do="hours", code="2100-0900"))
    assert (await kept(house, person))[1] == (21 * 60, 9 * 60)
    assert person.talk.state is None
    await person.presses(Follow(do="quiet"))
    await person.says("с 22:30 до 7")
    assert (await kept(house, person))[1] == (22 * 60 + 30, 7 * 60)
    assert "22:30–07:00" in person.text
    await person.presses(Follow(do="quiet"))
    await person.presses(Follow(do="hours"))
    assert (await kept(house, person))[1] == (None, None)


@pytest.mark.parametrize("words", ["ночью", "25:00-07:00", "22:00-22:00", "22:75-07:00", "22", "22:00-07:00-09:00"])
async def test_hours_that_are_none_are_asked_again(house: Department, words: str) -> None:
    person = await resident(house, Messenger.TELEGRAM)
    await person.presses(Follow(do="quiet"))
    await person.says(words)
    assert (person.text, person.step) == ("HoursNotUnderstood", "quiet")
    await person.sends_sticker()
    assert person.step == "quiet"
    assert (await kept(house, person))[1] == (None, None)


@pytest.mark.parametrize("data", [Follow(do="hours", code="0000-2359"), Follow(do="fly"), Follow(do="hours", code="x")])
async def test_a_forged_button_changes_nothing(house: Department, data: Follow) -> None:
    person = await resident(house, Messenger.TELEGRAM)
    await person.presses(data)
    assert person.last.alert
    await person.presses(Follow(do="topic", code="nonsense"))
    assert person.text == "NotFound"
    assert await kept(house, person) == (frozenset(), (None, None))


async def test_the_command_opens_it(house: Department) -> None:
    person = await resident(house, Messenger.TELEGRAM)
    await person.says("/subscriptions")
    assert person.can_press(Follow(do="quiet"))
