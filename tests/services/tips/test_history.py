"""The whole talk in its order, edits as versions, notes that never leave, and what became of every word."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.errors import NotFound
from bot.services.tips import ANSWER, NOTE, QUESTION, STORY, History
from bot.services.unit import Units
from bot.store.notices import Notice
from bot.terms import Identity, NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services import cast


async def history(units: Units, tip_id: int, page: int | None = None, badge: str = cast.ASKAR) -> History:
    async with units.reading() as unit:
        return await unit.tips.history(await cast.officer(unit, badge), tip_id, page)


async def talk(units: Units) -> int:
    tip_id = await cast.sent_tip(units, parts=[cast.words("Музыка", source="1:1")], identity=Identity.HIDDEN)
    async with units() as unit:
        officer, person = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.ask(officer, tip_id, cast.words("Какой подъезд?"), person)
        await unit.tips.note(officer, tip_id, cast.words("Заходил дважды, не открыли"), person)
        sender = await cast.resident(unit)
        await unit.tips.add(sender, tip_id, cast.words("Третий"))
        await unit.tips.answer(officer, tip_id, cast.words("Едем"), person)
    return tip_id


async def test_all_that_was_said_in_its_order(units: Units) -> None:
    tip_id = await talk(units)
    got = await history(units, tip_id)
    assert [message.purpose for message in got.messages] == [STORY, QUESTION, NOTE, ANSWER, ANSWER]
    assert [message.officer is not None for message in got.messages] == [False, True, True, False, True]
    assert got.sender.startswith("№"), "a hidden sender has an alias here too"
    with pytest.raises(NotFound):
        await history(units, tip_id, badge=cast.ASEL)


async def test_a_note_reaches_nobody_and_no_story(units: Units) -> None:
    tip_id = await talk(units)
    async with units.reading() as unit:
        sender, officer = await cast.resident(unit), await cast.officer(unit, cast.ASKAR)
        assert "дважды" not in repr(await unit.tips.sent(sender, tip_id))
        assert "дважды" not in (await unit.tips.card(officer, tip_id)).story
    parts = {notice.part_id for notice in await cast.rows(units, Notice, Notice.part_id.is_not(None))}
    async with units.reading() as unit:
        view = await unit.tips.for_notice(tip_id)
    assert view is not None
    assert not parts & {part.id for part in view.parts if part.purpose == NOTE}


async def test_an_edit_is_a_version(units: Units, clock: FakeClock) -> None:
    tip_id = await talk(units)
    for words in ("Музыка и крики", "Музыка, крики и дым"):
        await clock.advance(60)
        async with units() as unit:
            await unit.tips.edited(await cast.resident(unit), "1:1", words)
    everything = [message for page in range(2) for message in (await history(units, tip_id, page)).messages]
    edited = next(message for message in everything if message.versions)
    assert edited.text == "Музыка, крики и дым"
    assert [version.text for version in edited.versions] == ["Музыка", "Музыка и крики"]
    assert edited.at == edited.versions[0].at
    assert clock.now() - edited.versions[1].at == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "reason"),
    [(NoticeState.FAILED, "blocked"), (NoticeState.READ, ""), (NoticeState.CANCELLED, "cut"), (NoticeState.DUE, "")],
)
async def test_what_became_of_it_on_its_way(units: Units, state: NoticeState, reason: str) -> None:
    tip_id = await talk(units)
    async with units.house.database.writing() as session:
        changed = update(Notice).where(Notice.kind == NoticeKind.TIP_ANSWER)
        await session.execute(changed.values(state=state, error=reason))
    fates = [message.fate for message in (await history(units, tip_id)).messages]
    assert [fate is not None for fate in fates] == [False, True, False, False, True]
    assert fates[-1] is not None
    assert (fates[-1].state, fates[-1].reason) == (state, reason)


async def test_the_newest_page_is_first(units: Units) -> None:
    tip_id = await talk(units)
    async with units() as unit:
        sender = await cast.resident(unit)
        for n in range(10):
            await unit.tips.add(sender, tip_id, cast.words(f"Ещё {n}"))
    got = await history(units, tip_id)
    assert (got.page, got.pages) == (2, 3)
    assert got.messages[-1].text == "Ещё 9"
    assert (await history(units, tip_id, 0)).messages[0].purpose == STORY
    assert (await history(units, tip_id, 99)).page == 2
