"""A resident says what he wants to be warned about and when not to be disturbed."""

import pytest

from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from tests.conversations.journeys import resident, resident_id, rows
from tests.conversations.test_whatsapp import STOPPED
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERYWHERE = pytest.mark.parametrize(
    ("messenger", "language"), [("telegram", "kk"), ("telegram", "ru"), ("whatsapp", "kk"), ("whatsapp", "ru")]
)
THEFT = {"kk": "Ұрлық", "ru": "Кражи"}


async def topics(person: Person) -> set[str]:
    where = Subscription.resident_id == await resident_id(person)
    return {row.topic for row in await rows(person.stage, Subscription, where)}


@EVERYWHERE
async def test_topics_quiet_hours_and_leaving(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await person.says("/menu")
    await person.picks("Warnings: on or off")
    assert person.heard("You get no warnings now.")
    await person.picks("What about")
    await person.picks(THEFT[language])
    assert await topics(person) == {"theft"}
    await person.picks("Done")
    assert person.heard("You get warnings of the police about: {topics}.", topics=THEFT[language])
    await person.picks("Quiet hours")
    await person.says("когда-нибудь")
    assert person.heard("The hours were not understood. Write them like this: {example}")
    await person.says("22:00-07:00")
    assert person.heard("Your quiet hours: {hours}. Only what is urgent comes then.", hours="22:00–07:00")
    (row,) = await rows(stage, Resident, Resident.id == await resident_id(person))
    assert (row.quiet_from, row.quiet_until) == (1320, 420)
    await person.picks("What about")
    await person.picks("Unsubscribe")
    assert await topics(person) == set()


@EVERYWHERE
async def test_the_word_for_warnings_opens_their_screen(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await person.says({"kk": "Ескертулер", "ru": "предупреждения"}[language])
    await person.picks("What about")


@EVERYWHERE
async def test_stop_takes_every_topic(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await person.says("/subscriptions")
    await person.picks("What about")
    await person.picks(THEFT[language])
    await person.says("/stop" if messenger == "telegram" else "STOP")
    if messenger == "telegram":
        await person.picks("Stop")
    assert await topics(person) == set()


async def test_on_telegram_the_word_said_once_more_is_the_answer(stage: Stage) -> None:
    person = await resident(stage, "telegram", "kk")
    await person.says("/subscriptions")
    await person.picks("What about")
    await person.picks(THEFT["kk"])
    await person.says("ТОҚТАТУ")
    assert await topics(person)
    await person.says("тоқта")
    assert person.heard(STOPPED)
    assert await topics(person) == set()
