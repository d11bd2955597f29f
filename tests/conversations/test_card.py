"""The card and the list of a phone: what stands on them, the buttons, thirty tips, two at once, states staff added."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.services.tips import PartDraft, TipDraft
from bot.speech.calls import Card
from bot.store.events import Event
from bot.store.officers import Officer
from bot.store.tips import Tip, TipState
from bot.terms import Identity, Language, PartKind, Urgency
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    begins,
    category,
    known,
    number_in,
    outcome,
    resident,
    rows,
    sends_tip,
    shows,
    state_of,
    tip_of,
)
from tests.conversations.test_handover import on_whatsapp
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

POINT = (49.78644, 73.05285)
ALREADY = "This tip is already with {officer}."
HEAD = "Tips in work, by the time left:"
STALE = "This step is not possible now: the status of the tip is “{status}”."


@asynccontextmanager
async def inspector_of_103(stage: Stage, messenger: str, language: str = "kk") -> AsyncIterator[Person]:
    if messenger == "telegram":
        person = await stage.existing("t2003", language)
        await speaks(person, language)
        try:
            yield person
        finally:
            await speaks(person, "kk")
        return
    async with on_whatsapp(stage, "A-1003", language) as person:
        yield person


async def speaks(person: Person, language: str) -> None:
    async with person.stage.app.units() as unit:
        await unit.residents.choose_language(await known(unit, person), Language(language))


async def put(stage: Stage, someone: Person, precinct: str = "103", **more: Any) -> int:
    """A tip without its dialog."""
    more.setdefault("category", "noise_night")
    words = more.pop("words", "Шум во дворе после полуночи")
    async with stage.app.units() as unit:
        place = await unit.territory.by_code(precinct)
        assert place is not None
        draft = TipDraft(
            parts=[PartDraft(PartKind.TEXT, words)], identity=Identity.HIDDEN, precinct_id=place.id, **more
        )
        number = (await unit.tips.submit(await known(unit, someone), draft)).number
    await stage.settle()
    return number


async def opens(inspector: Person, number: int) -> None:
    """By his own presses, on either messenger."""
    await inspector.says("/tips")
    while not any(f"№ {number} " in label for label in buttons(inspector)):
        await inspector.picks("Next page")
    await inspector.picks(f"№ {number}")


def buttons(person: Person) -> list[str]:
    """Under the last message; on WhatsApp its numbered lines."""
    if person.messenger == "telegram":
        return [button["text"] for row in person.last.get("buttons") or [] for button in row]
    lines = person.last["text"].splitlines()
    return [line.partition(". ")[2] for line in lines if line.partition(". ")[0].isdecimal()]


@on_every_messenger
@in_both_languages
async def test_the_card_of_an_urgent_tip(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, "telegram", "ru", precinct="103")
    async with inspector_of_103(stage, messenger, language) as inspector:
        number = await put(stage, someone, urgency=Urgency.U1, place="Тоғай көшесі, 5", point=POINT)
        tip = await tip_of(stage, number)
        async with stage.app.database.writing() as session:
            told = {"event_when": "today", "day_part": "night", "is_public_place": True, "has_camera": False,
                    "damage": 120000, "suggested": "hooliganism"}  # fmt: skip
            await session.execute(update(Tip).where(Tip.id == tip.id).values(**told))
        await inspector.catch_up()
        await opens(inspector, number)
        card = inspector.last["text"]
        assert "https://www.openstreetmap.org/?mlat=49.78644&mlon=73.05285" in card
        for msgid in ("Time left", "When it happened", "Public place", "Camera nearby", "Damage", "Take it by"):
            assert inspector.word(msgid) in card, msgid
        assert category("hooliganism", language) in card
        assert "₸" in card
        assert tip.alias in card
        shown = buttons(inspector)
        assert len(shown) == 6
        for msgid in ("Take into work", "Hand over", "Read to the control centre", "More"):
            assert inspector.word(msgid) in shown, msgid
        await inspector.picks("Read to the control centre")
        assert inspector.heard("Tip No. {number}, received: {at}", number=number)
        assert inspector.heard("Тоғай көшесі, 5")
        assert inspector.heard("Шум во дворе после полуночи")
        assert inspector.did_not_hear(tip.alias)
        await inspector.picks("Back to the card")
        await inspector.picks("More")
        assert 1 < len(buttons(inspector)) <= 6
        while inspector.word("Show on the map") not in buttons(inspector):
            await inspector.picks("More")
            assert len(buttons(inspector)) <= 6
        await inspector.picks("Show on the map")
        if messenger == "telegram":
            assert "location" in inspector.last
        else:
            assert inspector.heard("https://www.openstreetmap.org/")


@on_every_messenger
@in_both_languages
async def test_thirty_tips_on_a_phone(stage: Stage, messenger: str, language: str) -> None:
    people = [await resident(stage, "telegram", "ru", precinct="203") for _ in range(3)]
    async with stage.app.units() as unit:
        (badge,) = [o.badge for o in await unit.officers.everyone() if await _holds(unit, o, "203")]
        place = await unit.territory.by_code("203")
        assert place is not None
    async with stage.app.database.writing() as session:  # the transcripts before this one are over
        await session.execute(update(Tip).where(Tip.precinct_id == place.id).values(state="closed"))
    inspector: Person
    async with on_whatsapp(stage, badge, language) as inspector:
        if messenger == "telegram":
            inspector = await _on_telegram(stage, badge, language)
        numbers = [
            await put(stage, people[n % 3], "203", urgency=Urgency.U1 if n % 5 == 0 else Urgency.U2) for n in range(30)
        ]
        await inspector.catch_up()
        await inspector.says("/tips")
        assert inspector.heard(HEAD)
        assert inspector.heard("Page {page} of {pages}", page=1, pages=4)
        assert "30" in inspector.last["text"]
        shown = buttons(inspector)
        while inspector.word("Next page") in buttons(inspector):
            await inspector.picks("Next page")
            shown += buttons(inspector)
        assert all(any(f"№ {number} " in label for label in shown) for number in numbers)
        await inspector.picks(f"{inspector.word('Urgent')}: 6")
        listed = [label for label in buttons(inspector) if label.startswith("№")]
        assert len(listed) == 6
        await inspector.picks(listed[0].split(" ·")[0])
        seen = []
        for _turn in range(6):
            seen += [number for number in numbers if re.match(rf"\W*№ {number}\b", inspector.last["text"])]
            await inspector.picks("Next tip")
        assert sorted(seen) == sorted(numbers[::5]), "the next one is the next of what he looks at"


async def _holds(unit: Any, officer: Any, code: str) -> bool:
    place = await unit.territory.by_code(code)
    return place is not None and place.id in officer.precinct_ids and officer.resident_id is not None


async def _on_telegram(stage: Stage, badge: str, language: str) -> Person:
    """Takes the account from the other messenger."""
    person = await resident(stage, "telegram", language)
    async with stage.app.units() as unit:
        account = (await known(unit, person)).id
    async with stage.app.database.writing() as session:
        await session.execute(update(Officer).where(Officer.badge == badge).values(resident_id=account))
    return person


async def test_what_is_late_is_marked(stage: Stage) -> None:
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    number = await put(stage, someone, urgency=Urgency.U1)
    before = stage.clock.shift
    try:
        stage.clock.shift += timedelta(days=2)
        await inspector.says("/tips")
        assert inspector.word("❗ Overdue") in inspector.last["text"]
        (label,) = [label for label in buttons(inspector) if f"№ {number} " in label]
        assert "❗" in label
        await inspector.picks(f"№ {number}")
        assert inspector.heard("❗ overdue: {late}")
    finally:
        stage.clock.shift = before


async def test_forged_pages_and_sorts(stage: Stage) -> None:
    inspector = await stage.existing("t2003", "kk")
    await inspector.says("/tips")
    for data in (Card(do="list", tip=-7), Card(do="list", tip=999, code="all"), Card(do="list", code="nonsense"),
                 Card(do="next", tip=5), Card(do="what", tip=5), Card(do="more", tip=5, code="-1")):  # fmt: skip
        await inspector.forges(data.pack())
        assert await state_of(inspector) is None


@on_every_messenger
@in_both_languages
async def test_of_two_pressing_at_once_one_wins_and_the_other_is_told_who(
    stage: Stage, messenger: str, language: str
) -> None:
    someone = await resident(stage, messenger, language)
    first, second = await stage.existing("t2013", "kk"), await stage.existing("t2014", "kk")
    number = await put(stage, someone, "101", category="fraud_attempt", words="Звонили из «банка»")
    tip = await tip_of(stage, number)
    for officer in (first, second):
        await officer.catch_up()
    take = Card(do="take", tip=tip.id).pack()
    await asyncio.gather(first.forges(take), second.forges(take))
    winners = [one for one in (first, second) if one.times_heard(ALREADY) == 0]
    losers = [one for one in (first, second) if one.times_heard(ALREADY)]
    assert (len(winners), len(losers)) == (1, 1)
    assert await someone.hears("Work on tip No. {number} has begun. Inspector: {officer}.", number=number)
    assert someone.times_heard("Work on tip No. {number} has begun. Inspector: {officer}.") == 1
    for act in ("ask", "answer", "close", "show"):
        await losers[0].forges(Card(do=act, tip=tip.id).pack())
        assert losers[0].did_not_hear("Звонили из «банка»")
    assert len(await rows(stage, Event, Event.tip_id == tip.id, Event.kind == "taken")) == 1


async def test_after_a_hand_over_to_a_desk_one_of_its_people_wins(stage: Stage) -> None:
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    first, second = await stage.existing("t2013", "kk"), await stage.existing("t2014", "kk")
    number = await put(stage, someone)
    await shows(inspector, number)
    await inspector.picks("More")
    await inspector.picks("Not ours")
    assert inspector.heard("Why is tip No. {number} handed over?", number=number)
    assert inspector.did_not_hear("Жұмыста болмаймын")
    offered = buttons(inspector)
    assert "Жұмыста болмаймын" not in offered
    assert "Мамандандырылған бөлімшенің ісі" in offered
    await inspector.picks("Мамандандырылған бөлімшенің ісі")
    await inspector.picks("A specialist desk")
    async with stage.app.units.reading() as unit:
        desk = (await unit.officers.by_badge("A-1013")).desk_ids[0]
        name = str((await unit.territory.desk(desk)).name.kk)
    await inspector.picks(name)
    await inspector.picks("Without words")
    await inspector.picks("Hand over")
    tip = await tip_of(stage, number)
    assert tip.desk_id == desk
    take = Card(do="take", tip=tip.id).pack()
    await asyncio.gather(first.forges(take), second.forges(take))
    assert first.times_heard(ALREADY) + second.times_heard(ALREADY) == 1
    await inspector.forges(take)
    assert inspector.did_not_hear("Шум во дворе")


@asynccontextmanager
async def added_states(stage: Stage) -> AsyncIterator[None]:
    async with stage.app.database.writing() as session:
        session.add(TipState(code="on_site", type="open", name_kk="Орнында", name_ru="На месте", next="taken,court"))
        session.add(
            TipState(code="court", type="closed", name_kk="Сотқа берілді", name_ru="Передано в суд", next="reopened")
        )
        await session.execute(
            update(TipState).where(TipState.code == "taken").values(next="need_details,handed_over,closed,on_site")
        )
    try:
        yield
    finally:
        async with stage.app.database.writing() as session:
            await session.execute(update(Tip).where(Tip.state.in_(("on_site", "court"))).values(state="closed"))
            await session.execute(update(Event).where(Event.state.in_(("on_site", "court"))).values(state="closed"))
            await session.execute(delete(TipState).where(TipState.code.in_(("on_site", "court"))))
            await session.execute(
                update(TipState).where(TipState.code == "taken").values(next="need_details,handed_over,closed")
            )


@on_every_messenger
@in_both_languages
async def test_a_state_staff_added_is_a_button(stage: Stage, messenger: str, language: str) -> None:
    names = {"kk": ("Орнында", "Сотқа берілді"), "ru": ("На месте", "Передано в суд")}[language]
    someone = await resident(stage, "telegram", "ru", precinct="103")
    async with added_states(stage), inspector_of_103(stage, messenger, language) as inspector:
        number = await put(stage, someone)
        tip = await tip_of(stage, number)
        await opens(inspector, number)
        await inspector.picks("More")
        assert names[0] not in buttons(inspector), "not next yet"
        if messenger == "telegram":
            await inspector.forges(Card(do="state", tip=tip.id, code="on_site").pack())
            assert inspector.heard(STALE)
        await opens(inspector, number)
        await inspector.picks("Take into work")
        await inspector.picks("More")
        await inspector.picks(names[0])
        assert (await tip_of(stage, number)).state == "on_site"
        shown = buttons(inspector)
        assert inspector.word("Close") not in shown
        assert inspector.word("Ask a question") not in shown
        await inspector.picks(names[1])
        await inspector.picks(outcome("measures_taken", language))
        await inspector.says("Материал передан в суд")
        assert inspector.heard("Tip No. {number} is closed. The sender is told and asked for a rating.", number=number)
        assert (await tip_of(stage, number)).state == "court"
        assert await someone.hears(
            "Tip No. {number} is closed. Outcome: {outcome}.\n{text}", text="Материал передан в суд"
        )


async def test_a_photo_and_its_tip_are_one_card_whatever_the_order(stage: Stage) -> None:
    """Text, photo and voice go both ways and stand in the talk in their order."""
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    await begins(someone)
    await someone.says("Шум")
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    number = number_in(someone)
    await shows(inspector, number)
    await inspector.picks("Answer the sender")
    await inspector.sends("voice")
    await someone.catch_up()
    assert [message["media"]["kind"] for message in someone.fresh if "media" in message] == ["voice"]
    await someone.sends("voice")
    await inspector.catch_up()
    assert [message["media"]["kind"] for message in inspector.fresh if "media" in message] == ["voice"]
    await shows(inspector, number)
    await inspector.picks("Answer the sender")
    await inspector.sends("document")
    stage.clock.shift += timedelta(seconds=3)  # a picture as a file is looked at before it crosses
    await stage.settle()
    await someone.catch_up()
    assert [message["media"]["kind"] for message in someone.fresh if "media" in message] == ["document"]


async def test_an_ordinary_tip_is_still_a_few_presses(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await inspector.catch_up()
    assert inspector.heard(f"№ {number}")
    assert len(buttons(inspector)) == 6
