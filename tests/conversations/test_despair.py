"""Talk of suicide: to a person at once, beside violence without a word of it on the screen, and the place is a place."""

import pytest

from bot.speech.forms import TipForm
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from bot.terms import NoticeKind, PartKind, Urgency
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import resident, rows, state_of
from tests.conversations.test_danger import DESPAIR, PASSED, SUICIDE, WHERE
from tests.conversations.test_danger_at_home import AT_HOME, MENU, SENT_ALREADY, WRITTEN, last_tip, tells_nothing
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOTH = {
    "kk": "Күйеуім күнде ұрады, енді өмір сүргім келмейді",
    "ru": "Муж избивает меня каждый день, не хочу больше жить",
}
NUMBERS = (
    "You are not alone. Call 102 or 112 right now; at 111 a person will talk with you, day and night."
    " If you can, go to a safe place."
)
ADDRESS = {"kk": "Мұражай көшесі 5", "ru": "Музейная улица 5"}  # another district than precinct 101


async def texts_of(stage: Stage, tip: Tip) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)]


@on_every_messenger
@in_both_languages
async def test_beside_violence_at_home_the_screen_tells_nothing(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    duty = await stage.existing("t2019", "kk")
    await person.says(BOTH[language])
    assert person.said[0].startswith(person.word(NUMBERS))
    assert person.heard(SENT_ALREADY)
    tip = await last_tip(stage)
    assert (tip.category, tip.urgency, tip.identity) == ("domestic_violence", Urgency.U0, "hidden")
    assert await duty.hears(BOTH[language])
    await person.says("Тоғай көшесі 5")
    assert person.heard(WRITTEN, number=tip.number)
    assert tells_nothing(person)


@on_every_messenger
async def test_beside_violence_not_now_asks_nothing_more(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await person.says(BOTH["ru"])
    await person.picks("Not now")
    assert person.heard(MENU)
    assert await state_of(person) is None


@on_every_messenger
@in_both_languages
async def test_without_language_and_consent_the_numbers_are_those_of_both(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await stage.person(messenger, language=language)
    await person.says(BOTH[language])
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard(NUMBERS)
    tip = await last_tip(stage)
    assert (tip.category, tip.urgency) == ("domestic_violence", Urgency.U0)
    before = len(await rows(stage, Tip))
    await person.says(DESPAIR[language])
    assert len(await rows(stage, Tip)) == before, "one person in despair is one matter"


@on_every_messenger
@in_both_languages
async def test_despair_told_instead_of_the_place_of_violence_is_heard(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    before = len(await rows(stage, Tip))
    await person.says(AT_HOME[language])
    await person.says(DESPAIR[language])
    assert person.said[0].startswith(person.word(NUMBERS))
    assert len(await rows(stage, Tip)) == before + 1, "a person knows of it before any place"
    await person.picks("Skip")
    tip = await last_tip(stage)
    assert (len(await rows(stage, Tip)), tip.place) == (before + 1, None)
    assert await texts_of(stage, tip) == [(PartKind.TEXT, AT_HOME[language]), (PartKind.TEXT, DESPAIR[language])]


@on_every_messenger
@in_both_languages
async def test_a_place_told_after_despair_brings_the_tip_to_those_who_are_there(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language, precinct="101")
    first, there = await stage.existing("t2019", "kk"), await stage.existing("t2020", "kk")
    await person.says(DESPAIR[language])
    assert person.heard(SUICIDE)
    tip = await last_tip(stage)
    assert await first.hears(DESPAIR[language])
    await person.says(ADDRESS[language])
    assert person.heard(PASSED, number=tip.number)
    after = await last_tip(stage)
    assert (after.id, after.place, after.place_source) == (tip.id, ADDRESS[language], "house")
    assert after.desk_id != tip.desk_id
    assert await there.hears(DESPAIR[language])
    assert there.heard(f"{there.word('Place of the event')}: {ADDRESS[language]}")
    assert await first.hears("The sender showed the place of tip No. {number}: somebody else answers there.")
    assert await person.hears_nothing(), "who is afraid reads no more"
    assert not [n for n in await rows(stage, Notice, Notice.tip_id == tip.id) if n.kind == NoticeKind.TIP_MOVED
                and n.state != "cancelled"]  # fmt: skip
    assert await texts_of(stage, after) == [(PartKind.TEXT, DESPAIR[language]), (PartKind.LOCATION, ADDRESS[language])]


@on_every_messenger
async def test_a_point_in_the_same_district_is_told_to_those_who_have_it(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, precinct="101")
    duty = await stage.existing("t2019", "kk")
    await person.says(DESPAIR["ru"])
    tip = await last_tip(stage)
    await duty.catch_up()
    async with stage.app.units.reading() as unit:
        place = await unit.territory.by_code("101")
        assert place is not None
    await person.sends("location", latitude=49.77309, longitude=73.05724)
    assert person.heard(PASSED, number=tip.number)
    after = await last_tip(stage)
    assert (after.id, round(after.lat or 0, 5), after.place_source) == (tip.id, 49.77309, "point")
    assert await duty.hears("49.77309, 73.05724")


@on_every_messenger
@in_both_languages
async def test_who_goes_on_telling_is_heard_and_the_place_is_still_asked(
    stage: Stage, messenger: str, language: str
) -> None:
    more = {"kk": "Өлгім келеді, шыдай алмаймын", "ru": "Лучше умереть, сил больше нет"}[language]
    person = await resident(stage, messenger, language)
    await person.says(DESPAIR[language])
    tip = await last_tip(stage)
    await person.says(more)
    assert await state_of(person) == TipForm.danger_place.state
    after = await last_tip(stage)
    assert (after.id, after.place) == (tip.id, None)
    assert (PartKind.TEXT, more) in await texts_of(stage, after)
    await person.says(ADDRESS[language])
    assert (await last_tip(stage)).place == ADDRESS[language]
    assert person.did_not_hear(WHERE)


@on_every_messenger
@in_both_languages
async def test_a_place_that_comes_after_all_is_the_place(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language, precinct="101")
    there = await stage.existing("t2020", "kk")
    await person.says(DESPAIR[language])
    await person.picks("Skip")
    tip = await last_tip(stage)
    assert (tip.place, tip.place_source) == (None, "home")
    await person.says(ADDRESS[language])
    after = await last_tip(stage)
    assert (after.id, after.place, after.place_source) == (tip.id, ADDRESS[language], "house")
    assert await there.hears(DESPAIR[language])
    await person.says("Это я, подъезд 2, код 15")
    assert (await last_tip(stage)).place == ADDRESS[language], "the place is known: these are words"
