"""Leave, substitutes and weekly duty, set in a chat."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.i18n import Bilingual, day, speaking
from bot.services.officers import NewOfficer
from bot.services.territory import DeskView
from bot.services.unit import Unit
from bot.speech.calls import Rota
from bot.store.officers import Officer
from bot.store.roster import Absence, Watch
from bot.terms import Language, Role
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import known, resident, rows, state_of
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

NONE = "No days off are written down."
REASON = "Why are these days off?"
FIRST = "The first day off? Choose it or write the date. For example: {example}"
LAST = "First day: {day}. The last day off, itself included? Choose it or write the date. For example: {example}"
WHO = "Who stands in? Tips of these days go to that officer."
CHECK = "Please check:\nOfficer: {officer}\nDays off: {days}\nReason: {reason}\nSubstitute: {substitute}"
WATCH = "Please check:\nDuty unit: {desk}\nFrom: {start}\nUntil: {end}\nOn duty: {officer}"
FORBIDDEN = "You have no right to do this."
STALE = "This button does not work any more. Press a button under the latest message."

ALPHABET = "АБВГДЕЖЗИКЛМНОПРСТУФХ"
_numbers = count(1)


async def officer(
    stage: Stage, messenger: str = "telegram", language: str = "ru", role: Role = Role.INSPECTOR, place: str = "204"
) -> tuple[Person, str]:
    """A second inspector of a precinct (or somebody of a desk), with an account, and the name on buttons."""
    person = await resident(stage, messenger, language, precinct=None)
    number = next(_numbers)
    name = f"Кезекбай {ALPHABET[number // 20]}{ALPHABET[number % 20]}"
    async with stage.app.units() as unit:
        precinct = await unit.territory.by_code(place) if role is Role.INSPECTOR else None
        desk = (await duty_desk(unit)).id if role is Role.DUTY else None
        new = NewOfficer(f"R-{number}", Bilingual(name, name), role, precinct_id=precinct.id if precinct else None,
                         desk_id=desk)  # fmt: skip
        added = await unit.officers.add(new)
        (await unit._session.get_one(Officer, added.id)).resident_id = (await known(unit, person)).id
    return person, name


async def duty_desk(unit: Unit) -> DeskView:
    """The queue of the second district: its watches are on no list."""
    return await unit.territory.duty_desk((await unit.territory.districts())[1].id)


@pytest.fixture(autouse=True)
async def _nobody_is_off_afterwards(stage: Stage) -> AsyncIterator[None]:
    yield
    async with stage.app.units() as unit:
        for table in (Absence, Watch):
            await unit._session.execute(delete(table).where(table.set_by.is_not(None)))
        mine = update(Officer).where(Officer.badge.startswith("R-"))
        await unit._session.execute(mine.values(is_active=False, resident_id=None))


async def written(stage: Stage, table: type[Absence] | type[Watch]) -> list[Any]:
    """What was set in a chat; the demo department's own lists stay as they are."""
    return await rows(stage, table, table.set_by.is_not(None))


def today(stage: Stage) -> date:
    return stage.clock.now().astimezone(stage.app.settings.zone).date()


async def comes_to_substitute(person: Person, first: str = "Tomorrow", last: str = "Two weeks") -> None:
    await person.says("/leave")
    await person.picks("Add days off")
    assert person.heard(REASON)
    await person.picks("Leave")
    assert person.heard(FIRST)
    await person.picks(first)
    assert person.heard(LAST)
    await person.picks(last)
    assert person.heard(WHO)


@on_every_messenger
@in_both_languages
async def test_an_inspector_sets_his_leave_and_cancels_it(stage: Stage, messenger: str, language: str) -> None:
    person, name = await officer(stage, messenger, language)
    other, other_name = await officer(stage)
    await person.says("/menu")
    await person.picks("Leave and substitution")
    assert person.heard(NONE)
    await comes_to_substitute(person)
    await person.picks(other_name)
    assert person.heard(CHECK, officer=name, substitute=other_name)
    await person.picks("Save")
    assert person.heard("Saved.")
    (absence,) = await written(stage, Absence)
    assert absence.first_day == today(stage) + timedelta(days=1)
    assert absence.last_day == absence.first_day + timedelta(days=13)
    assert (absence.reason, absence.substitute_id is not None) == ("leave", True)
    assert await state_of(person) is None
    await other.catch_up()
    assert any(name in text for text in other.said)  # told that he stands in
    await person.picks("Leave and substitution")
    assert any(other_name in text for text in person.said)
    await person.picks(f"✖ {absence.first_day:%d.%m}")
    assert person.heard("Written down by {officer}: {at}.", officer=name)
    await person.picks("Yes")
    assert person.heard(NONE)
    assert await written(stage, Absence) == []


@on_every_messenger
@in_both_languages
async def test_dates_are_typed_and_nobody_stands_in(stage: Stage, messenger: str, language: str) -> None:
    person, _name = await officer(stage, messenger, language)
    first = today(stage) + timedelta(days=20)
    await person.says("/leave")
    await person.picks("Add days off")
    await person.picks("Business trip")
    for wrong in ("когда-нибудь", "01.01.2020", "32.12.2026"):
        await person.says(wrong)
        assert await state_of(person) == "RotaForm:first"
    await person.says(f"{first:%d.%m.%Y}")
    with speaking(Language(language)):
        assert person.heard(LAST, day=day(first))
    await person.says(f"{first - timedelta(days=1):%d.%m.%Y}")
    assert person.heard("These days cannot be written down: the last one has passed or comes before the first.")
    await person.says(f"{first:%d.%m.%Y}")
    await person.picks("Nobody: the duty unit")
    await person.picks("Save")
    (absence,) = await written(stage, Absence)
    assert (absence.first_day, absence.last_day, absence.substitute_id) == (first, first, None)
    assert absence.reason == "trip"


@on_every_messenger
async def test_what_the_roster_refuses_is_said_and_can_be_changed(stage: Stage, messenger: str) -> None:
    """A circle, and days that are taken; then another substitute, other days."""
    person, name = await officer(stage, messenger)
    other, other_name = await officer(stage)
    await comes_to_substitute(other)
    await other.picks(name)
    await other.picks("Save")
    await comes_to_substitute(person)
    await person.picks(other_name)
    await person.picks("Save")
    circle = "This makes a circle: on {day} {officer} would stand in for himself. Choose another substitute."
    with speaking(Language.RU):
        assert person.heard(circle, day=day(today(stage) + timedelta(days=1)))
    assert person.heard(CHECK)
    await person.picks("Another substitute")
    await person.picks("Nobody: the duty unit")
    await person.picks("Save")
    assert len(await written(stage, Absence)) == 2
    await comes_to_substitute(person, "Today", "One week")
    await person.picks("Nobody: the duty unit")
    await person.picks("Save")
    assert person.heard("{officer} is off already from {first_day} to {last_day}. Cancel those days first.")
    await person.picks("Other days")
    await person.picks("Today")
    await person.picks("That day only")
    assert person.heard(CHECK)
    await person.picks("Save")
    assert len(await written(stage, Absence)) == 3


async def test_wrong_hands_and_old_buttons(stage: Stage) -> None:
    person, _name = await officer(stage)
    stranger, _other = await officer(stage, place="301")
    neighbour = await resident(stage)
    await comes_to_substitute(person)
    await person.picks("Nobody: the duty unit")
    await person.picks("Save")
    (absence,) = await written(stage, Absence)
    await neighbour.says("/menu")
    await neighbour.forges(Rota(do="list").pack())
    assert neighbour.did_not_hear(NONE)
    await stranger.says("/leave")
    for forged in (Rota(do="show", id=absence.officer_id), Rota(do="new", id=absence.officer_id),
                   Rota(do="ask_cancel", id=absence.id), Rota(do="cancel", id=absence.id)):  # fmt: skip
        await stranger.forges(forged.pack())
        assert stranger.heard(FORBIDDEN), forged
    assert len(await written(stage, Absence)) == 1
    for stale in ("save", "sub", "first", "last", "week", "watcher", "save_watch", "reason", "days", "subs"):
        await stranger.forges(Rota(do=stale, code="x").pack())
        assert stranger.heard(STALE), stale
    async with stage.app.units.reading() as unit:
        desk = (await unit.territory.duty_desk(None)).id
    await stranger.forges(Rota(do="desk", id=desk).pack())
    assert stranger.heard(FORBIDDEN)
    for gone in ("ask_cancel", "cancel", "ask_drop", "drop", "show"):
        await stranger.forges(Rota(do=gone, id=987_654).pack())
        assert stranger.heard("There is no such record, or it is not yours.")


@on_every_messenger
async def test_staff_set_the_days_of_anybody(stage: Stage, messenger: str) -> None:
    staff, _name = await officer(stage, messenger, role=Role.STAFF)
    inspector, name = await officer(stage)
    await staff.says("/leave")
    await staff.picks("Another officer")
    await staff.says("нет такого")
    assert staff.heard("No officer with such a name.")
    await staff.says(name.casefold())
    await staff.picks(name)
    assert staff.heard(NONE)
    await staff.picks("Add days off")
    await staff.picks("Illness")
    await staff.picks("Today")
    await staff.picks("One week")
    await staff.picks("Nobody: the duty unit")
    assert staff.heard(CHECK, officer=name)
    await staff.picks("Save")
    (absence,) = await written(stage, Absence)
    assert (absence.first_day, absence.last_day) == (today(stage), today(stage) + timedelta(days=6))
    await inspector.catch_up()
    assert inspector.said  # told by whom else it was set


async def test_a_duty_unit_sets_the_days_of_its_own_inspectors(stage: Stage) -> None:
    duty, mine = await stage.existing("t2020", "kk"), await officer(stage, place="204")
    _person, foreign = await officer(stage, place="301")
    await duty.says("/leave")
    await duty.picks("Another officer")
    await duty.says("Кезекбай")
    assert any(mine[1] in str(message["buttons"]) for message in duty.fresh)
    assert not any(foreign in str(message["buttons"]) for message in duty.fresh)
    await duty.picks(mine[1])
    await duty.picks("Add days off")
    await duty.picks("Leave")
    await duty.picks("Today")
    await duty.picks("That day only")
    await duty.picks("Nobody: the duty unit")
    await duty.picks("Save")
    assert len(await written(stage, Absence)) == 1
    await duty.says("/leave")
    await duty.picks("Weekly duty")
    buttons = str([message["buttons"] for message in duty.fresh])
    assert buttons.count("rota:desk:") == 1  # its own queue, not the others'


@on_every_messenger
@in_both_languages
async def test_weekly_duty(stage: Stage, messenger: str, language: str) -> None:
    staff, _name = await officer(stage, messenger, language, role=Role.HEAD)
    _duty, name = await officer(stage, role=Role.DUTY)
    async with stage.app.units.reading() as unit:
        desk = await duty_desk(unit)
    with speaking(Language(language)):
        desk_name = str(desk.name)
    await staff.says("/leave")
    await staff.picks("Weekly duty")
    assert staff.heard("Whose weekly duty?")
    await staff.picks(desk_name)
    assert staff.heard("No watch is written down: tips go to everybody of this unit.")
    await staff.picks("Next week")
    await staff.picks(name)
    assert staff.heard(WATCH, officer=name, desk=desk_name)
    await staff.picks("Save")
    assert staff.heard("Saved.")
    (watch,) = await written(stage, Watch)
    zone = stage.app.settings.zone
    starts, ends = watch.starts_at.astimezone(zone), watch.ends_at.astimezone(zone)
    assert (starts.weekday(), starts.hour, ends - starts) == (0, 9, timedelta(days=7))
    first = today(stage) + timedelta(days=30)
    for wrong in ("завтра – вчера", "сколько-то", f"{first:%d.%m.%Y} – {first - timedelta(days=1):%d.%m.%Y}"):
        await staff.says(wrong)
        assert await state_of(staff) == "RotaForm:days"
    await staff.says(f"{first:%d.%m.%Y} – {first + timedelta(days=2):%d.%m.%Y}")
    await staff.picks(name)
    await staff.picks("Save")
    watches = await written(stage, Watch)
    assert [watch.ends_at - watch.starts_at for watch in watches] == [timedelta(days=7), timedelta(days=3)]
    await staff.says(f"{first:%d.%m.%Y}")
    await staff.picks(name)
    await staff.picks("Save")
    assert staff.heard(
        "This watch cannot be written down: give a later end and somebody of this desk who has no other then."
    )
    await staff.picks("Other days")
    await staff.picks(f"✖ {starts:%d.%m}")
    assert staff.heard("Cancel this watch?")
    await staff.picks("Yes")
    assert len(await written(stage, Watch)) == 1


async def test_what_others_wait_for_is_not_dropped(stage: Stage) -> None:
    """An officer's own tip in the making stays; other messages are answered with the question again."""
    person, _name = await officer(stage)
    await comes_to_substitute(person)
    await person.sends("photo")
    assert person.heard("Please choose one of the buttons.")
    assert person.heard(WHO)
    await person.picks("Cancel")
    assert person.heard(NONE)
    assert await state_of(person) is None
