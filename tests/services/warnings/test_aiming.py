"""Whom a warning concerns, how many that is now, and how often those groups were warned lately."""

from datetime import timedelta

from sqlalchemy import select, update

from bot.services.unit import Units
from bot.services.warnings import Audience, WarningDraft, Weekly
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.terms import Lane, Language, Messenger, NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import publish


async def chat_of(units: Units, precinct: str = "101") -> Chat:
    async with units() as unit:
        place = await cast.precinct_id(unit, precinct)
    rows = await cast.rows(units, Chat, Chat.precinct_id == place)
    assert isinstance(rows[0], Chat)
    return rows[0]


async def test_a_count_is_of_one_topic(units: Units) -> None:
    async with units() as unit:
        place = Audience((await cast.precinct_id(unit),))
        before = await unit.warnings.reach(place)
        await unit.subscriptions.subscribe((await cast.resident(unit)).id, "theft")
        assert await unit.warnings.reach(place) == before
        theft = await unit.warnings.reach(place, "theft")
    assert (theft.people, theft.chats) == (1, before.chats)


async def test_an_audience_is_narrowed_by_language_messenger_and_part(units: Units) -> None:
    async with units() as unit:
        everyone = await unit.warnings.reach(Audience(everyone=True))
        kazakh = await unit.warnings.reach(Audience(everyone=True, languages=("kk",)))
        russian = await unit.warnings.reach(Audience(everyone=True, languages=("ru",)))
        whatsapp = await unit.warnings.reach(Audience(everyone=True, messengers=("whatsapp",)))
        groups = await unit.warnings.reach(Audience(everyone=True, only="chats"))
        people = await unit.warnings.reach(Audience(everyone=True, only="people"))
    assert kazakh.people + russian.people == everyone.people > kazakh.people > 0
    assert (whatsapp.telegram, whatsapp.whatsapp) == (0, everyone.whatsapp)
    assert (groups.chats, groups.people) == (everyone.chats, 0)
    assert (people.chats, people.people) == (0, everyone.people)


async def test_those_outside_whatsapps_window_are_counted_by_language(units: Units, clock: FakeClock) -> None:
    async with units.house.database.writing() as session:
        await session.execute(update(Endpoint).values(window_until=clock.now() + timedelta(hours=1)))
        query = select(Endpoint).join(Resident, Resident.endpoint_id == Endpoint.id)
        one = await session.scalar(query.where(Endpoint.messenger == Messenger.WHATSAPP, Resident.language == "ru"))
        assert one is not None
        one.window_until = clock.now()
    async with units() as unit:
        reach = await unit.warnings.reach(Audience(everyone=True))
    assert reach.outside == {Language.RU: 1}


async def test_an_inspector_chooses_among_his_chats_and_staff_among_all(units: Units) -> None:
    chat = await chat_of(units)
    async with units() as unit:
        mine = await unit.warnings.chats_of(await cast.officer(unit, cast.ASKAR))
        staff = await cast.officer(unit, cast.STAFF)
        every = await unit.warnings.chats_of(staff)
        found = await unit.warnings.chats_of(staff, chat.title.upper())
        none = await unit.warnings.chats_of(staff, "no such yard")
    assert chat.id in {one.id for one in mine}
    assert len(mine) < len(every)
    assert [one.id for one in found] == [chat.id]
    assert none == []


async def test_a_yard_on_a_border_is_of_both_inspectors(units: Units) -> None:
    chat = await chat_of(units)
    async with units() as unit:
        second = await cast.precinct_id(unit, "102")
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).where(Chat.id == chat.id).values(second_precinct_id=second))
    async with units() as unit:
        neighbour = await cast.officer(unit, cast.ASEL)
        assert await unit.warnings.may_reach(neighbour, Audience(chat_ids=(chat.id,)))
        assert not await unit.warnings.may_reach(neighbour, Audience(chat_ids=(chat.id, 1)))


async def test_a_weeks_warnings_are_counted_by_group_and_older_ones_are_not(units: Units, clock: FakeClock) -> None:
    chat = await chat_of(units)
    now = clock.now()
    async with units.house.database.writing() as session:
        for number, days in enumerate((0, 1, 6, 8)):
            session.add(
                Notice(
                    kind=NoticeKind.WARNING, messenger=Messenger.TELEGRAM, lane=Lane.CAMPAIGN, talk=chat.id,
                    chat_id=chat.id, warning_id=number + 1, state=NoticeState.SENT, due_at=now,
                    sent_at=now - timedelta(days=days), attempts=0, fence=0, error="",
                )
            )  # fmt: skip
    async with units() as unit:
        here = await unit.warnings.weekly(Audience((chat.precinct_id or 0,)))
        elsewhere = await unit.warnings.weekly(Audience((await cast.precinct_id(unit, "205"),)))
    assert here == Weekly(chat.title, 3, 1)
    assert elsewhere == Weekly()


async def test_what_an_officer_sent_in_a_week_is_counted(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        askar, asel = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.ASEL)
    first = await publish(units)
    await clock.advance(timedelta(days=6).total_seconds())
    await publish(units, cast.ASEL)
    cancelled = await publish(units)
    async with units() as unit:
        await unit.warnings.cancel(askar, cancelled.id)  # some of it has gone: it counts
        await unit.warnings.submit(asel, WarningDraft(first.text, Audience((await cast.precinct_id(unit, "102"),))))
    async with units.reading() as unit:
        assert (await unit.warnings.sent_by(askar.id), await unit.warnings.sent_by(asel.id)) == (2, 1)
        assert await unit.warnings.gone_since(clock.now() - timedelta(days=7)) == (3, 0)
    await clock.advance(timedelta(days=2).total_seconds())
    async with units.reading() as unit:
        assert await unit.warnings.sent_by(askar.id) == 1
