"""Where it happened: outside all borders, in the sender's own precinct because he says so, or not told at all."""

from dataclasses import replace

import pytest

from bot.addresses import AddressBook
from bot.services.territory_files import HouseEntry
from bot.speech.calls import Report
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import NoticeKind
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import number_in, resident, rows, tells, tip_of
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTSIDE = "This place is outside the territory of the department. If it is urgent, call 102."
OUTSIDE_SENT = "The place is outside the territory of the department, {metres} m from it: the duty unit has your tip."
NO_HOME = "Your precinct is not known yet. Send a location, write the address or choose “Skip”."
NEAR_BY = {"latitude": 49.70, "longitude": 73.06}  # some kilometres to the south of the demo city


async def sends(person: Person, stage: Stage) -> Tip:
    await person.picks("Send without my name")
    await person.picks("Send")
    return await tip_of(stage, number_in(person))


async def desk_code(stage: Stage, tip: Tip) -> str:
    async with stage.app.units.reading() as unit:
        return (await unit.territory.desk(tip.desk_id or 0)).code


@on_every_messenger
@in_both_languages
async def test_a_place_outside_is_taken_and_said(stage: Stage, messenger: str, language: str) -> None:
    someone, duty = await resident(stage, messenger, language), await stage.existing("t2022", "ru")
    await tells(someone, "Костёр за городом")
    await someone.sends("location", **NEAR_BY)
    assert someone.heard(OUTSIDE)
    tip = await sends(someone, stage)
    assert someone.heard(OUTSIDE_SENT)
    assert (tip.precinct_id, tip.place_source, await desk_code(stage, tip)) == (None, "point", "duty")
    assert 1_000 < (tip.outside_metres or 0) < 50_000
    await duty.catch_up()
    cards = await rows(stage, Notice, Notice.tip_id == tip.id, Notice.kind == NoticeKind.CARD)
    assert cards


async def test_a_key_left_on_the_screen_is_explained(stage: Stage) -> None:
    """Telegram's keys stay when the tip is sent; a press of one types its label."""
    someone = await resident(stage, "telegram")
    await tells(someone, "Шум во дворе")
    await someone.picks("In my precinct")
    await sends(someone, stage)
    await someone.catch_up()
    await someone.says(someone.word("Skip"))
    assert someone.heard("This button does not work any more. Press a button under the latest message.")


OWN_AREA = "in the sender's own precinct ({area}); the exact place is not told"


@on_every_messenger
@in_both_languages
async def test_ones_own_precinct_is_asked_not_assumed(stage: Stage, messenger: str, language: str) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    await tells(someone, "Шум во дворе")
    await someone.picks("In my precinct")
    tip = await sends(someone, stage)
    assert (tip.place_source, tip.precinct_id is not None) == ("home", True)
    await inspector.catch_up()
    assert inspector.heard("Шум во дворе")
    assert inspector.heard(OWN_AREA)
    await someone.says("/mine")
    await someone.picks(f"№ {tip.number}")
    assert someone.heard(f"{someone.word('Place of the event')}: {someone.word('In my precinct')}")
    await tells(someone, "Шум неизвестно где")
    await someone.picks("Skip")
    tip = await sends(someone, stage)
    assert (tip.place_source, tip.precinct_id, await desk_code(stage, tip)) == ("none", None, "duty")
    assert await inspector.hears_nothing()


@on_every_messenger
async def test_whoever_has_no_precinct_yet_is_not_offered_it(stage: Stage, messenger: str) -> None:
    """A client may press what was never offered: then it is explained."""
    someone = await resident(stage, messenger, precinct=None)
    await tells(someone)
    with pytest.raises(AssertionError, match="no (button|choice)"):
        await someone.picks("In my precinct")
    if messenger == "telegram":
        await someone.forges(Report(step="home").pack())
        assert someone.heard(NO_HOME)
    await someone.says("Ерубаевская 999")
    with pytest.raises(AssertionError, match="no (button|choice)"):
        await someone.picks("In my precinct")
    await someone.picks("Skip")
    assert (await sends(someone, stage)).precinct_id is None


@on_every_messenger
async def test_a_changed_place_leaves_nothing_of_the_one_before(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await tells(someone)
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Change")
    await someone.picks("The place")
    await someone.sends("location", **NEAR_BY)
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert (tip.place_source, tip.precinct_id, tip.lat) == ("point", None, NEAR_BY["latitude"])


@on_every_messenger
@in_both_languages
async def test_words_that_name_the_inspector_are_not_for_him(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    inspector, security = await stage.existing("t2001", "kk"), await stage.existing("t2024", "kk")
    await tells(someone, "Капитан Тоғайбаевқа айттым, өзі сонда отыр")
    await someone.picks("In my precinct")
    tip = await sends(someone, stage)
    assert someone.heard("Only the own-security unit will see this tip.")
    assert tip.is_restricted
    await security.catch_up()
    assert security.heard("Тоғайбаевқа")
    assert await inspector.hears_nothing()


@on_every_messenger
async def test_an_address_nobody_knows_keeps_its_words_and_ones_own_precinct(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await tells(someone)
    await someone.says("за гаражами у старой берёзы")
    await someone.picks("In my precinct")
    tip = await sends(someone, stage)
    assert (tip.place, tip.place_source) == ("за гаражами у старой берёзы", "home")
    await tells(someone)
    await someone.says("за гаражами у старой берёзы")
    await someone.picks("Keep it as written")
    tip = await sends(someone, stage)
    assert (tip.place, tip.place_source, tip.precinct_id) == ("за гаражами у старой берёзы", "none", None)


@on_every_messenger
@in_both_languages
async def test_one_address_in_two_villages_is_asked(
    stage: Stage, messenger: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names the village is not asked; who does not picks it by its name."""
    abai = ("Абай көшесі", "улица Абая", "", "", "1-9", "", "")
    rows = [
        HouseEntry("101", *abai, "Ақтас ауылы", "село Актас"),
        HouseEntry("102", *abai, "Бөген ауылы", "село Боген"),
    ]
    index = stage.app.units.house.territory
    assert index.survey is not None
    monkeypatch.setattr(index, "survey", replace(index.survey, houses=AddressBook(rows, ("Алтынарқа", "Алтынарка"))))
    someone = await resident(stage, messenger, language, precinct="103")
    await tells(someone)
    await someone.says("Абай 5")
    assert someone.heard("Which of these is it?")
    await someone.picks({"kk": "Бөген ауылы, Абай көшесі, 5", "ru": "село Боген, улица Абая, 5"}[language])
    tip = await sends(someone, stage)
    async with stage.app.units.reading() as unit:
        assert (await unit.territory.precinct(tip.precinct_id or 0)).code == "102"
    await tells(someone)
    await someone.says("Ақтас ауылы, Абай 5")
    tip = await sends(someone, stage)
    async with stage.app.units.reading() as unit:
        assert (await unit.territory.precinct(tip.precinct_id or 0)).code == "101"
