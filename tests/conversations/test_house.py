"""A resident lets us remember his house, and a warning for houses reaches those who did."""

import pytest

from bot.data import load
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.talks import Talk
from bot.store.warnings import Warning
from bot.terms import Role
from tests.conversations.journeys import resident, resident_id, rows
from tests.conversations.test_approval import newest, writes
from tests.conversations.test_watching import EVERYWHERE, officer
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
CONSENT = (
    "We keep a code made of the address, not the address itself. It serves for warnings only; it is erased when you stop"
    " the warnings, or at once: “Warnings: on or off” → “What about” → “Forget my house”."
)
KEPT = "Your house is remembered: warnings for it will reach you."
ADDRESS = {"kk": "Балықшылар көшесі 33А", "ru": "улица Рыбаков, 33А"}  # of precinct 101
RUN = {"kk": "Балықшылар көшесі 31-35 тақ", "ru": "Рыбаков 31-35 нечет"}
SHOWN = {"kk": "Балықшылар көшесі: 31–35", "ru": "улица Рыбаков: 31–35"}
BY_HOUSE = (
    "By their house: {n} subscriber who has told us to live there.",
    "By their house: {n} subscribers who have told us to live there.",
)
OTHERS = (
    "⚠️ {n} other subscriber of the precinct does not get it: their house is another one, or we do not know it. Choose the"
    " precinct too if it is for them as well.",
    "⚠️ {n} other subscribers of the precinct do not get it: their house is another one, or we do not know it. Choose the"
    " precinct too if it is for them as well.",
)


async def home_of(person: Person) -> Resident:
    (row,) = await rows(person.stage, Resident, Resident.id == await resident_id(person))
    assert isinstance(row, Resident)
    return row


async def lives(person: Person) -> None:
    """Tells the address on the page of warnings."""
    await person.says("/subscriptions")
    await person.picks("What about")
    await person.picks("Warnings for my house")
    await person.says(ADDRESS[person.language])


@EVERYWHERE
async def test_the_house_is_remembered_with_consent_and_forgotten_at_a_word(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    await lives(person)
    assert person.heard(CONSENT)
    assert (await home_of(person)).home is None  # not before the answer
    await person.picks("Remember my house")
    assert person.heard(KEPT)
    assert (await home_of(person)).home is not None
    assert await rows(stage, Subscription, Subscription.resident_id == await resident_id(person))
    forms = [str(talk.form) for talk in await rows(stage, Talk) if talk.form]
    assert not any("33А" in form for form in forms)
    await person.says("/subscriptions")
    assert person.heard("🏠 Your house is remembered: warnings for it alone reach you too.")
    await person.picks("What about")
    await person.picks("Forget my house")
    assert person.heard("Your house is forgotten. Warnings for your whole precinct will come as before.")
    assert (await home_of(person)).home is None


@EVERYWHERE
async def test_without_consent_only_the_precinct_is_known(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await lives(person)
    await person.picks("Get warnings")
    assert (await home_of(person)).home is None
    await lives(person)  # subscribed now: asked once more, in its own words
    assert person.heard("Shall we remember your house, so that warnings for your house reach you?")
    await person.picks("Menu")
    assert (await home_of(person)).home is None


@EVERYWHERE
async def test_who_asks_for_his_inspector_may_say_that_he_lives_there(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language, precinct=None)
    await person.says("/inspector")
    await person.says(ADDRESS[language])
    assert (await home_of(person)).precinct_id is None
    await person.picks("I live here")
    assert person.heard(CONSENT)
    await person.picks("Remember my house")
    assert person.heard(KEPT)
    assert (await home_of(person)).home is not None


async def test_a_forged_house_is_none(stage: Stage) -> None:
    person = await resident(stage, "telegram", "ru")
    await person.says("/menu")
    for code in ("", "x", "A" * 31, "!" * 32):
        await person.forges(f"house:remember:0:{code}")
    assert (await home_of(person)).home is None


async def test_an_inspector_aims_at_houses_of_his_own_precinct_only(stage: Stage) -> None:
    inspector = await stage.existing("t2001", "kk")  # of precinct 101
    await inspector.says("/warning")
    await inspector.picks(load("schemes")["scheme"][0]["title_kk"])
    await inspector.picks("Skip")
    await inspector.picks("Whom")
    await inspector.picks("Houses")
    await inspector.says("Абай көшесі 5")  # of 102
    assert inspector.heard("{line}: these houses are not in your precincts.", line="Абай көшесі 5")
    await inspector.says(f"{RUN['kk']}\nкөше")
    assert inspector.heard(SHOWN["kk"])
    assert inspector.heard("It will reach:")
    await inspector.picks("Houses")
    await inspector.picks("Without houses")
    assert inspector.did_not_hear(SHOWN["kk"])
    await inspector.picks("Done")
    await inspector.picks("Cancel")


@EVERYWHERE
async def test_the_houses_own_groups_are_named(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    await writes(author)
    await author.picks("Whom")
    await author.picks("Houses")
    await author.says("Жағалау көшесі 1-9" if language == "kk" else "Набережная 1-9")
    group = "The groups of these houses get it: {names}."
    assert author.heard(group, names="«Көршілер · Жағалау көшесі»")
    assert author.did_not_hear("No group is bound to these houses: all groups of the precinct get it.")
    await author.picks("Houses")
    await author.says(RUN[language])
    assert author.heard(group, names="«Көршілер · Жағалау көшесі»")
    assert author.heard("Where no group is bound to the houses, all groups of the precinct get it.")
    await author.picks("Done")
    assert author.heard(group, names="«Көршілер · Жағалау көшесі»")
    await author.picks("Cancel")


@EVERYWHERE
async def test_a_warning_for_houses_reaches_those_who_told_them(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, "telegram", "ru", Role.HEAD)
    inside = await resident(stage, messenger, language)
    await lives(inside)
    await inside.picks("Remember my house")
    neighbour = await resident(stage, messenger, language)
    async with stage.app.units() as unit:
        await unit.subscriptions.subscribe(await resident_id(neighbour))
    await writes(author)
    await author.picks("Whom")
    await author.picks("The whole department")
    await author.picks("Houses")
    await author.says("Луна, 1")
    assert author.heard("{line}: no such address was found. Write it another way or choose its precinct.")
    await author.says(RUN[language])
    assert author.heard(SHOWN[language])
    assert any(author.plural(*BY_HOUSE, n) in text for n in range(1, 10) for text in author.said)
    assert author.heard("No group is bound to these houses: all groups of the precinct get it.")
    assert any(author.plural(*OTHERS, n) in text for n in range(10, 60) for text in author.said)
    await author.picks("Done")
    assert author.heard(SHOWN[language])
    await author.picks("Hand in for approval")
    warning = await newest(stage)
    await second.catch_up()
    await second.picks("Look and decide")
    assert second.heard("улица Рыбаков: 31–35")
    await second.picks("Approve")
    await stage.settle()
    await inside.catch_up()
    assert len([text for text in inside.said if warning.code in text]) == 1
    assert await neighbour.hears_nothing()
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert row.audience["houses"]
