"""Groups: added, bound, moved, merged, left."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.errors import BindingNotAsked, NotAllowed, NotFound
from bot.services.chats import ASKED, BOUND, PLACE, Binding
from bot.services.notices import Promise, Recipient
from bot.services.unit import Unit, Units
from bot.store.audit import AuditEntry
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.terms import Messenger, NoticeKind
from tests.clocks import FakeClock
from tests.services import cast

TG = Messenger.TELEGRAM


async def bound(unit: Unit, address: str = "-500", title: str = "Көршілер") -> int:
    chat = await unit.chats.added(TG, address, title)
    await unit.chats.bind(chat.id, Binding(await cast.precinct_id(unit)), await cast.officer(unit, cast.ASKAR))
    return chat.id


async def row_of(units: Units, chat_id: int) -> Chat:
    (row,) = await cast.rows(units, Chat, Chat.id == chat_id)
    assert isinstance(row, Chat)
    return row


async def test_added_twice_is_one_chat_with_its_newest_title(units: Units) -> None:
    async with units() as unit:
        first = await unit.chats.added(TG, "-500", "Көршілер")
        again = await unit.chats.added(TG, "-500", "Көршілер 2", is_admin=True)
    assert again.id == first.id
    row = await row_of(units, first.id)
    assert (row.title, row.is_admin, row.address) == ("Көршілер 2", True, "-500")
    assert b"-500" not in row.address_sealed + row.fingerprint


async def test_an_inspector_binds_to_his_own_precinct_only(units: Units) -> None:
    async with units() as unit:
        chat = await unit.chats.added(TG, "-500", "Көршілер")
        inspector, other = await cast.precinct_id(unit), await cast.precinct_id(unit, "102")
        with pytest.raises(NotAllowed):
            await unit.chats.bind(chat.id, Binding(other), await cast.officer(unit, cast.ASKAR))
        for badge in (cast.STAFF, cast.ADMIN, cast.DUTY_D1):
            with pytest.raises(NotAllowed):
                await unit.chats.bind(chat.id, Binding(inspector), await cast.officer(unit, badge))
        with pytest.raises(NotFound):
            await unit.chats.bind(404, Binding(inspector), await cast.officer(unit, cast.ASKAR))
        view = await unit.chats.bind(chat.id, Binding(inspector), await cast.officer(unit, cast.ASKAR))
        assert view.precinct_id == inspector
    (entry,) = await cast.rows(units, AuditEntry, AuditEntry.action == "chat_bound")
    assert entry.subject == f"chat:{chat.id}"


async def test_leaving_ends_the_binding(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        await unit.chats.removed(TG, "-500")
        await unit.chats.removed(TG, "-404")
    row = await row_of(units, chat_id)
    assert (row.state, row.precinct_id, row.bound_by, row.bound_at) == ("left", None, None, None)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.chats.bind(chat_id, Binding(await cast.precinct_id(unit)), await cast.officer(unit, cast.ASKAR))
        assert (await unit.chats.added(TG, "-500", "Көршілер")).is_open


async def test_a_moved_group_keeps_its_binding_and_its_notices(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        await unit.notices.promise(Promise(NoticeKind.APOLOGY, Recipient(chat_id=chat_id)))
        await unit.chats.moved(TG, "-500", "-100500")
    row = await row_of(units, chat_id)
    assert (row.address, row.state) == ("-100500", "open")
    assert row.precinct_id is not None
    async with units() as unit:
        assert await unit.chats.at(TG, "-500") is None
        (notice,) = await cast.rows(units, Notice)
        (delivery,) = await unit.deliveries.claim([notice.id])
        assert delivery.address == "-100500"


async def test_moving_twice_or_from_nowhere_changes_nothing(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        for _ in range(2):
            await unit.chats.moved(TG, "-500", "-100500")
        await unit.chats.moved(TG, "-404", "-100404")
        assert await unit.chats.at(TG, "-100404") is None
    assert (await row_of(units, chat_id)).address == "-100500"


async def test_a_twin_that_was_met_first_is_merged(units: Units) -> None:
    """The supergroup was written down as new before Telegram told that it is the old group."""
    async with units() as unit:
        old = await bound(unit)
        twin = (await unit.chats.added(TG, "-100500", "Көршілер")).id
        for chat_id in (old, twin):
            await unit.notices.promise(
                Promise(NoticeKind.WARNING, Recipient(chat_id=chat_id), warning_id=7),
            )
        await unit.notices.promise(
            Promise(NoticeKind.WARNING, Recipient(chat_id=twin), warning_id=8),
            Promise(NoticeKind.APOLOGY, Recipient(chat_id=twin)),
        )
        await unit.chats.moved(TG, "-500", "-100500")
    kept, merged = await row_of(units, old), await row_of(units, twin)
    assert (kept.address, kept.state) == ("-100500", "open")
    assert kept.precinct_id is not None
    assert (merged.state, merged.precinct_id) == ("dead", None)
    notices = [(n.kind, n.warning_id, n.chat_id, n.state) for n in await cast.rows(units, Notice)]
    assert notices == [
        ("warning", 7, old, "due"), ("warning", 7, twin, "cancelled"), ("warning", 8, old, "due"),
        ("apology", None, old, "due"),
    ]  # fmt: skip
    async with units() as unit:
        found = await unit.chats.at(TG, "-100500")
        assert found is not None
        assert found.id == old


async def test_called_deleted_and_then_moved_it_gets_what_it_missed_once(units: Units) -> None:
    """Telegram says «the group chat was deleted» to whoever writes to the old address before it tells of the move."""
    async with units() as unit:
        old = await bound(unit)
        twin = (await unit.chats.added(TG, "-100500", "Көршілер")).id
        await unit.notices.promise(
            *(Promise(NoticeKind.WARNING, Recipient(chat_id=old), warning_id=number) for number in (7, 8, 9, 10)),
            Promise(NoticeKind.WARNING, Recipient(chat_id=twin), warning_id=8),
        )
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).values(state="failed", error="deleted"))
        await session.execute(update(Notice).where(Notice.chat_id == twin).values(state="sent", error=""))
        await session.execute(update(Notice).where(Notice.warning_id == 9).values(error="left"))
        past = units.house.clock.now() - timedelta(seconds=1)
        await session.execute(update(Notice).where(Notice.warning_id == 10).values(expires_at=past))
    async with units() as unit:
        await unit.chats.moved(TG, "-500", "-100500")
    rows = await cast.rows(units, Notice, Notice.chat_id == old)
    states = {row.warning_id: (row.state, row.error) for row in rows}
    assert states == {7: ("due", ""), 8: ("failed", "deleted"), 9: ("failed", "left"), 10: ("failed", "deleted")}
    assert (await row_of(units, old)).state == "open"


async def test_the_twins_binding_is_not_lost_when_the_old_group_had_none(units: Units) -> None:
    async with units() as unit:
        old = (await unit.chats.added(TG, "-500", "Көршілер")).id
        await bound(unit, "-100500")
        await unit.chats.moved(TG, "-500", "-100500")
    assert (await row_of(units, old)).precinct_id is not None


# -- asked by the inspector, confirmed by the chat's administrator


async def asked(unit: Unit, second: str | None = None, address: str = "-500") -> tuple[int, Binding]:
    chat = await unit.chats.added(TG, address, "Көршілер")
    binding = Binding(await cast.precinct_id(unit), await cast.precinct_id(unit, second) if second else None)
    await unit.chats.ask(chat.id, binding, await cast.officer(unit, cast.ASKAR))
    return chat.id, binding


async def test_an_asked_binding_binds_nothing_until_it_is_confirmed(units: Units) -> None:
    async with units() as unit:
        chat_id, binding = await asked(unit, "102")
        view = await unit.chats.at(TG, "-500")
        assert view is not None
        assert view.precinct_id is None
        assert view.asked is not None
        assert view.asked.binding == binding
        view, officer_id = await unit.chats.confirm(chat_id, binding)
        assert (view.precinct_id, view.second_precinct_id) == (binding.precinct_id, binding.second_id)
        assert officer_id == (await cast.officer(unit, cast.ASKAR)).id
        assert view.asked is None
        with pytest.raises(BindingNotAsked):  # pressed twice
            await unit.chats.confirm(chat_id, binding)
    row = await row_of(units, chat_id)
    assert (row.bound_by, row.asked_by) == (officer_id, None)
    actions = [entry.action for entry in await cast.rows(units, AuditEntry)]
    assert actions[-2:] == ["chat_asked", "chat_bound"]


async def test_only_what_was_asked_can_be_confirmed(units: Units) -> None:
    async with units() as unit:
        chat_id, binding = await asked(unit)
        other = await cast.precinct_id(unit, "102")
        for wrong in (Binding(other), Binding(binding.precinct_id, other), Binding(404)):
            with pytest.raises(BindingNotAsked):
                await unit.chats.confirm(chat_id, wrong)
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(404, binding)
        never = await unit.chats.added(TG, "-600", "Көршілер")
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(never.id, binding)


async def test_asking_again_counts_alone(units: Units) -> None:
    async with units() as unit:
        chat_id, first = await asked(unit)
        _chat, second = await asked(unit, "102")
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(chat_id, first)
        await unit.chats.confirm(chat_id, second)


async def test_a_request_lasts_a_week(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        chat_id, binding = await asked(unit)
    await clock.advance(7 * 86_400)
    async with units() as unit:
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(chat_id, binding)
        await asked(unit)
        await unit.chats.confirm(chat_id, binding)


async def test_an_inspector_who_left_meanwhile_binds_nothing(units: Units) -> None:
    async with units() as unit:
        chat_id, binding = await asked(unit)
        officer = await cast.officer(unit, cast.ASKAR)
        await unit._session.execute(update(Officer).where(Officer.id == officer.id).values(is_active=False))
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(chat_id, binding)
        await unit._session.execute(update(Officer).where(Officer.id == officer.id).values(is_active=True))
        other = await cast.precinct_id(unit, "102")
        await unit._session.execute(update(Duty).where(Duty.officer_id == officer.id).values(precinct_id=other))
        with pytest.raises(BindingNotAsked):
            await unit.chats.confirm(chat_id, binding)


async def test_refused_by_an_administrator_or_taken_back_by_who_asked(units: Units) -> None:
    async with units() as unit:
        for by in (None, await cast.officer(unit, cast.ASKAR)):
            chat_id, binding = await asked(unit)
            with pytest.raises(NotAllowed):
                await unit.chats.refuse(chat_id, await cast.officer(unit, cast.ASEL))
            await unit.chats.refuse(chat_id, by)
            with pytest.raises(BindingNotAsked):
                await unit.chats.confirm(chat_id, binding)
        with pytest.raises(NotAllowed):
            await unit.chats.refuse(404, None)


async def test_a_group_a_colleague_has_bound_is_his(units: Units) -> None:
    async with units() as unit:
        chat_id = await bound(unit)
        asel = await cast.officer(unit, cast.ASEL)
        for act in (unit.chats.ask, unit.chats.bind):
            with pytest.raises(NotAllowed):
                await act(chat_id, Binding(await cast.precinct_id(unit, "102")), asel)
        with pytest.raises(NotAllowed):
            await unit.chats.unbind(chat_id, asel)


async def test_one_yard_in_two_precincts(units: Units) -> None:
    async with units() as unit:
        chat = await unit.chats.added(TG, "-500", "Көршілер")
        askar, asel = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.ASEL)
        mine, second = await cast.precinct_id(unit), await cast.precinct_id(unit, "102")
        with pytest.raises(NotAllowed):
            await unit.chats.bind(chat.id, Binding(mine, mine), askar)
        view = await unit.chats.bind(chat.id, Binding(mine, second), askar)
        assert view.belongs_to(askar)
        assert view.belongs_to(asel)
        spot = await unit.territory.spot_of_chat(chat.id)
        assert (spot.precinct_id, spot.neighbour_id) == (mine, second)


# -- undone, removed, moved


async def test_unbinding_tells_the_inspectors_but_not_who_did_it(units: Units) -> None:
    async with units() as unit:
        chat = await unit.chats.added(TG, "-500", "Көршілер")
        askar, asel = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.ASEL)
        both = Binding(await cast.precinct_id(unit), await cast.precinct_id(unit, "102"))
        await unit.chats.bind(chat.id, both, askar)
        await unit.chats.unbind(chat.id, askar)
        with pytest.raises(NotAllowed):
            await unit.chats.unbind(chat.id, askar)
    assert await cast.told(units) == [("alarm", asel.resident_id)]
    row = await row_of(units, chat.id)
    assert [getattr(row, name) for name in BOUND] == [None] * 4
    async with units() as unit:
        await unit.chats.bind(chat.id, both, askar)
        await unit.chats.unbind(chat.id, None)  # an administrator of the chat
    assert sorted(await cast.told(units)) == sorted([("alarm", asel.resident_id)] * 2 + [("alarm", askar.resident_id)])


async def test_removal_is_told_once(units: Units) -> None:
    async with units() as unit:
        askar = await cast.officer(unit, cast.ASKAR)
        chat_id = await bound(unit)
        for _time in range(2):
            await unit.chats.removed(TG, "-500")
    (notice,) = await cast.rows(units, Notice)
    assert notice.resident_id == askar.resident_id
    assert notice.facts == {"alarm": "chat_removed", "what": "Көршілер"}
    async with units() as unit:
        await unit.chats.added(TG, "-500", "Көршілер")
    assert (await row_of(units, chat_id)).precinct_id is None


async def test_a_move_keeps_binding_request_and_place(units: Units) -> None:
    async with units() as unit:
        chat_id, _binding = await asked(unit, "102")
        await unit.chats.moved(TG, "-500", "-100500")
        before = await unit.chats.at(TG, "-100500")
        assert before is not None
        assert before.id == chat_id
        assert before.asked is not None
        twin, binding = await asked(unit, "102", "-100700")
        row = await unit._session.get_one(Chat, twin)
        row.place, row.lat, row.lon = "Абай көшесі, 12", 51.1, 71.4
        await unit.chats.confirm(twin, binding)
        old = (await unit.chats.added(TG, "-700", "Көршілер")).id
        await unit.chats.moved(TG, "-700", "-100700")
    kept, merged = await row_of(units, old), await row_of(units, twin)
    assert (kept.precinct_id, kept.second_precinct_id) == (binding.precinct_id, binding.second_id)
    assert (kept.place, kept.lat, kept.lon) == ("Абай көшесі, 12", 51.1, 71.4)
    assert all(getattr(merged, name) is None for name in (*BOUND, *ASKED))
    assert PLACE[0] == "place"


# -- the ticket of a private link


async def test_a_ticket_names_its_group_and_cannot_be_forged(units: Units) -> None:
    async with units() as unit:
        mine, other = await bound(unit), await bound(unit, "-600")
        ticket = unit.chats.ticket(mine)
        assert len(f"g_{ticket}") <= 64
        found = await unit.chats.of_ticket(ticket)
        assert found is not None
        assert found.id == mine
        signature = ticket.partition("_")[2]
        for forged in (f"{other}_{signature}", f"{mine}_", f"{mine}", "", "_", f"{mine}_{signature[:-1]}0x", "x_y",
                       f"{'9' * 30}_{signature}", f"{mine}_ү", f"-{mine}_{signature}"):  # fmt: skip
            assert await unit.chats.of_ticket(forged) is None, forged
        await unit.chats.removed(TG, "-500")
        assert await unit.chats.of_ticket(ticket) is None
