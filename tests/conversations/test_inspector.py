"""Who is my inspector: by a point, an address, the list; off today, on a border, nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.i18n import speaking
from bot.services.neighbours import _along
from bot.services.territory import PlaceView
from bot.store.media import Media
from bot.store.officers import Officer
from bot.store.roster import Absence
from bot.store.territory import Border
from bot.terms import Language
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import resident, state_of
from tests.stage import PNG, Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASK = "Send a location or write the street and the number of the house. In a village write its name too."
CARD = (
    "Your inspector:\n{officer}\nPolice point: {office}\nReception hours: {hours}\nPhone: {phone}\n"
    "If it is urgent, call 102."
)
INSTEAD = "The substitute inspector works now: {officer}. Phone: {phone}."
OFF = "The inspector is off now. The duty unit will accept your tip."
DUTY = "The duty unit works day and night.\nAddress: {office}\nPhone: {phone}"
BORDER = "The border of another precinct runs here: {area}. Inspector: {officer}. Phone: {phone}."
OUTSIDE = "This place is outside the territory of the department. If it is urgent, call 102."
FAR = "Distance to the nearest precinct: {far}."


async def looks(stage: Stage, messenger: str, language: str = "ru", precinct: str | None = None) -> Person:
    person = await resident(stage, messenger, language, precinct=precinct)
    await person.says("/inspector")
    return person


async def title_of(stage: Stage, badge: str, language: str) -> str:
    async with stage.app.units.reading() as unit:
        title = (await unit.officers.by_badge(badge)).title
    with speaking(Language(language)):
        return str(title)


async def place_at(stage: Stage, code: str) -> PlaceView:
    async with stage.app.units.reading() as unit:
        place = await unit.territory.by_code(code)
    assert place is not None
    return place


@on_every_messenger
@in_both_languages
async def test_by_an_address_as_people_type_it(stage: Stage, messenger: str, language: str) -> None:
    person = await looks(stage, messenger, language)
    assert person.heard(ASK)
    asel = await title_of(stage, "A-1002", language)
    for words in ("Абай көшесі 12", "улица Абая, 12", "abai 12", "Октябрьская 12", "абаи кошеси 12"):
        await person.says(words)
        assert person.heard(CARD, officer=asel), words
        assert await state_of(person) is None
        await person.picks("Another address")
        assert person.heard(ASK)
    await person.says("Такой улицы нет 5")
    assert person.heard("No such address was found. Write it another way or choose from the list.")
    assert person.heard(DUTY, phone="+77000000210")


@on_every_messenger
@in_both_languages
async def test_a_street_of_the_city_and_of_a_village_is_asked(stage: Stage, messenger: str, language: str) -> None:
    """The demo has such a village; who names it is not asked."""
    person = await looks(stage, messenger, language)
    await person.says("Еңбек 5")
    assert person.heard("Which of these is it?")
    await person.picks({"kk": "Жусанды ауылы, Еңбек көшесі, 5", "ru": "село Жусанды, Трудовая улица, 5"}[language])
    assert person.heard(CARD, officer=await title_of(stage, "A-1004", language))
    for words, badge in (("Жусанды, Еңбек 5", "A-1004"), ("Алтынарка, Трудовая 6", "A-1009")):
        await person.picks("Another address")
        await person.says(words)
        assert person.heard(CARD, officer=await title_of(stage, badge, language)), words


async def test_an_address_nobody_knows_leads_to_the_duty_unit_of_ones_own_district(stage: Stage) -> None:
    person = await looks(stage, "telegram", precinct="204")
    await person.picks("Another address")
    await person.says("Такой улицы нет 5")
    async with stage.app.units.reading() as unit:
        desk = await unit.territory.duty_desk((await place_at(stage, "204")).district_id)
    assert desk.phone != "+77000000210"
    assert person.heard(DUTY, phone=desk.phone)


@on_every_messenger
async def test_several_matches_are_offered(stage: Stage, messenger: str) -> None:
    person = await looks(stage, messenger)
    await person.says("Набережная")
    assert person.heard("Which of these is it?")
    await person.picks("№ 102")
    assert person.heard(CARD, officer=await title_of(stage, "A-1002", "ru"))


@on_every_messenger
@in_both_languages
async def test_by_the_list(stage: Stage, messenger: str, language: str) -> None:
    person = await looks(stage, messenger, language)
    await person.picks("List")
    await person.picks({"kk": "Дала ауданы", "ru": "Степной район"}[language])
    await person.picks("Back")
    await person.picks({"kk": "Дала ауданы", "ru": "Степной район"}[language])
    await person.picks("№ 301")
    assert person.heard(CARD, officer=await title_of(stage, "A-1010", language))


async def on_the_border(stage: Stage, code: str) -> tuple[tuple[float, float], Any]:
    """A point between this precinct and another, and its spot."""
    place = await place_at(stage, code)
    async with stage.app.units.reading() as unit:
        polygons = await unit._session.scalar(select(Border.polygons).where(Border.precinct_id == place.id))
        for point in _along(polygons):
            spot = await unit.territory.spot_at(*point)
            if spot.precinct_id is not None and spot.neighbour_id is not None:
                return point, spot
    raise AssertionError(f"{code} has no neighbour")


@on_every_messenger
@in_both_languages
async def test_on_a_border_both_are_named_and_the_same_one_is_first(
    stage: Stage, messenger: str, language: str
) -> None:
    (latitude, longitude), spot = await on_the_border(stage, "201")
    async with stage.app.units.reading() as unit:
        first = await unit.officers.inspector_of(spot.precinct_id)
        second = await unit.officers.inspector_of(spot.neighbour_id)
    assert first is not None
    assert second is not None
    with speaking(Language(language)):
        names = str(first.title), str(second.title)
    for _time in range(2):
        person = await looks(stage, messenger, language)
        await person.sends("location", latitude=latitude, longitude=longitude)
        assert person.heard(CARD, officer=names[0])
        assert person.heard(BORDER, officer=names[1])


@on_every_messenger
@in_both_languages
async def test_outside_all_borders(stage: Stage, messenger: str, language: str) -> None:
    person = await looks(stage, messenger, language)
    await person.sends("location", latitude=51.1, longitude=71.4)
    assert person.heard(OUTSIDE)
    assert person.heard(FAR)
    assert any("км" in text for text in person.said)
    assert person.heard(DUTY)
    await person.picks("Another address")
    assert person.heard(ASK)


async def away(stage: Stage, badge: str, substitute: str | None) -> None:
    today = stage.clock.now().astimezone(stage.app.settings.zone).date()
    async with stage.app.units() as unit:
        officer = await unit.officers.by_badge(badge)
        other = (await unit.officers.by_badge(substitute)).id if substitute else None
        unit._session.add(
            Absence(
                officer_id=officer.id, substitute_id=other, first_day=today, last_day=today + timedelta(days=1),
                reason="leave", set_by=officer.id, set_at=stage.clock.now(),
            )
        )  # fmt: skip


@on_every_messenger
@in_both_languages
async def test_who_is_off_is_shown_with_his_substitute(stage: Stage, messenger: str, language: str) -> None:
    try:
        await away(stage, "A-1005", "A-1006")
        await away(stage, "A-1006", "A-1007")  # a substitute's substitute
        person = await looks(stage, messenger, language, precinct="201")
        assert person.heard(CARD, officer=await title_of(stage, "A-1005", language))
        assert person.heard(INSTEAD, officer=await title_of(stage, "A-1007", language))
        await away(stage, "A-1009", None)
        person = await looks(stage, messenger, language, precinct="205")
        assert person.heard(CARD, officer=await title_of(stage, "A-1009", language))
        assert person.heard(OFF)
        assert person.heard(DUTY)
    finally:
        async with stage.app.units() as unit:
            await unit._session.execute(delete(Absence).where(Absence.set_by.is_not(None)))


@on_every_messenger
async def test_without_an_inspector_the_duty_unit_of_the_district(stage: Stage, messenger: str) -> None:
    async with stage.app.units() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == "A-1012").values(is_active=False))
    try:
        person = await looks(stage, messenger, precinct="303")
        assert person.heard("No inspector was found for this address. The duty unit will accept your tip.")
        assert person.heard(DUTY)
        assert person.did_not_hear(CARD)
    finally:
        async with stage.app.units() as unit:
            await unit._session.execute(update(Officer).where(Officer.badge == "A-1012").values(is_active=True))


@on_every_messenger
@pytest.mark.parametrize("is_there", [True, False], ids=["on the shelf", "lost"])
async def test_the_photo_goes_with_the_card_and_a_lost_one_does_not_cost_the_words(
    stage: Stage, messenger: str, is_there: bool
) -> None:
    async def chunks() -> Any:
        yield PNG

    digest, size = await stage.app.files.keep(chunks(), 1000)
    async with stage.app.units() as unit:
        now = stage.clock.now()
        media = Media(
            id=int(now.timestamp() * 1000), messenger="telegram", kind="photo", mime="image/png", size=size,
            state="stored", digest=digest if is_there else b"\0" * 32, reason="", attempts=0, due_at=now, created_at=now,
        )  # fmt: skip
        unit._session.add(media)
        await unit.flush()
        await unit._session.execute(update(Officer).where(Officer.badge == "A-1011").values(photo_id=media.id))
    person = await looks(stage, messenger, precinct="302")
    assert person.heard(CARD, officer=await title_of(stage, "A-1011", "ru"))
    assert bool(person.last.get("media")) is is_there
