"""Staff's commands stand in the lists of staff alone; what has not changed costs no call, and a refusal no more."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand

from bot.channels.telegram_menus import PAUSE, STAFF, StaffMenus, commands_for
from bot.channels.telegram_setup import PRIVATE
from bot.i18n import Bilingual, _, speaking
from bot.services.officers import DutyView, OfficerView
from bot.services.unit import Units
from bot.store.keys import KeyWrong
from bot.terms import Language, Messenger, Role
from tests.clocks import FakeClock
from tests.courier.conftest import backend, clock
from tests.postgres import cleaning, units
from tests.services import cast as people

__all__ = ["backend", "cleaning", "clock", "units"]
METHOD = SetMyCommands(commands=[])


class Telegram:
    """Takes what is put up, or refuses it."""

    def __init__(self) -> None:
        self.lists: dict[int, list[BotCommand]] = {}
        self.calls = 0
        self.refusals: Iterator[Exception | None] = iter(())

    async def set_my_commands(self, commands: list[BotCommand], scope: Any) -> bool:
        return self._take(scope.chat_id, commands)

    async def delete_my_commands(self, scope: Any) -> bool:
        return self._take(scope.chat_id, None)

    def _take(self, chat: int, commands: list[BotCommand] | None) -> bool:
        self.calls += 1
        refusal = next(self.refusals, None)
        if refusal is not None:
            raise refusal
        if commands is None:
            del self.lists[chat]
        else:
            self.lists[chat] = commands
        return True


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def menus(units: Units, telegram: Telegram) -> StaffMenus:
    return StaffMenus(cast(Bot, telegram), units, "me:1")


async def on_telegram(units: Units) -> dict[str, tuple[int, OfficerView]]:
    """By badge: the private chat, the officer."""
    async with units.reading() as unit:
        found = await unit.menus.owners(Messenger.TELEGRAM)
    return {one.officer.badge: (int(one.address), one.officer) for one in found if one.officer}


def names(commands: list[BotCommand]) -> set[str]:
    return {one.command for one in commands}


def officer(*roles: Role) -> OfficerView:
    nothing = Bilingual("", "")
    duties = tuple(DutyView(role, None, None) for role in roles)
    return OfficerView(1, "A-1", nothing, nothing, "", nothing, nothing, 1, duties)


@pytest.mark.parametrize(
    ("role", "has", "has_not"),
    [
        (Role.INSPECTOR, {"tips", "warning", "leave"}, {"approvals", "campaigns", "invite", "blocked"}),
        (Role.DUTY, {"tips", "leave"}, {"warning", "approvals"}),
        (Role.STAFF, {"warning", "approvals", "campaigns", "statistics"}, {"invite", "blocked"}),
        (Role.HEAD, {"approvals", "blocked"}, {"invite"}),
        (Role.ADMIN, {"approvals", "invite"}, {"blocked"}),
    ],
)
def test_each_sees_what_he_may_do_above_what_everybody_has(role: Role, has: set[str], has_not: set[str]) -> None:
    commands = commands_for(officer(role), Language.KK)
    everybody = [name for name, _words in PRIVATE]
    assert [one.command for one in commands][-len(everybody) :] == everybody
    assert has <= names(commands)
    assert names(commands).isdisjoint(has_not)


def test_residents_see_no_command_of_staff() -> None:
    assert {name for name, _words in PRIVATE}.isdisjoint(name for name, _words, _roles in STAFF)


async def test_at_the_first_start_each_officer_costs_one_call_and_at_the_next_none(
    units: Units, telegram: Telegram, menus: StaffMenus, clock: FakeClock
) -> None:
    staff = await on_telegram(units)
    began = clock.monotonic()
    assert await menus.look() == telegram.calls == len(staff) > 20
    assert clock.monotonic() - began >= (len(staff) - 1) * PAUSE  # no burst
    assert set(telegram.lists) == {chat for chat, _officer in staff.values()}
    assert await menus.look() == 0
    assert await StaffMenus(cast(Bot, telegram), units, "me:1").look() == 0  # nor after a restart
    assert telegram.calls == len(staff)


async def test_who_leaves_loses_them_and_who_joins_gets_them(
    units: Units, telegram: Telegram, menus: StaffMenus
) -> None:
    await menus.look()
    staff = await on_telegram(units)
    chat, asel = staff[people.ASEL]
    before = telegram.calls
    async with units() as unit:
        newcomer = await people.newcomer(unit)
        await unit.officers.revoke(asel.id, await people.officer(unit, people.ADMIN))
        await unit.officers.join(await unit.officers.invite(asel.id, None), newcomer.id)
    assert await menus.look() == 2
    assert telegram.calls == before + 2
    assert chat not in telegram.lists
    assert "tips" in names(telegram.lists[990001])


async def test_another_language_is_one_call(units: Units, telegram: Telegram, menus: StaffMenus) -> None:
    await menus.look()
    chat, _officer = (await on_telegram(units))[people.STAFF]
    said = {one.description for one in telegram.lists[chat]}
    async with units() as unit:
        known = await unit.residents.known(Messenger.TELEGRAM, str(chat))
        assert known is not None
        other = Language.KK if known.language is Language.RU else Language.RU
        await unit.residents.choose_language(known, other)
    assert await menus.look() == 1
    with speaking(other):
        assert _("To approve") in {one.description for one in telegram.lists[chat]} - said


async def test_a_refusal_stops_nobody_else_and_is_tried_again(
    units: Units, telegram: Telegram, menus: StaffMenus, clock: FakeClock
) -> None:
    staff = await on_telegram(units)
    slow = TelegramRetryAfter(METHOD, "Too Many Requests", retry_after=40)
    telegram.refusals = iter((TelegramBadRequest(METHOD, "chat not found"), slow))
    began = clock.monotonic()
    await menus.look()
    assert len(telegram.lists) == len(staff) - 2
    assert clock.monotonic() - began >= 40
    assert await menus.look() == 2
    assert len(telegram.lists) == len(staff)


async def test_one_process_of_several_does_it(units: Units, telegram: Telegram, menus: StaffMenus) -> None:
    async with units() as unit:
        assert await unit.leases.hold("menus", "other:1") is not None
    assert await menus.look() == 0
    assert telegram.calls == 0


async def test_a_change_is_looked_at_at_once(units: Units, telegram: Telegram, menus: StaffMenus) -> None:
    await menus.look()
    async with asyncio.TaskGroup() as nursery:
        task = nursery.create_task(menus.run())
        await asyncio.sleep(0.05)
        before = telegram.calls
        async with units() as unit:
            asel = await people.officer(unit, people.ASEL)
            await unit.officers.revoke(asel.id, await people.officer(unit, people.ADMIN))
        for _turn in range(200):
            if telegram.calls > before:
                break
            await asyncio.sleep(0.01)
        task.cancel()
    assert telegram.calls == before + 1


async def test_a_look_that_fails_stops_neither_the_next_one_nor_the_program(
    menus: StaffMenus, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    async def fails() -> int:
        looks.append(1)
        raise KeyWrong("sealed under another key")

    monkeypatch.setattr(menus, "look", fails)
    task = asyncio.ensure_future(menus.run())
    for _turn in range(200):
        menus._bell.set()
        await asyncio.sleep(0)
    assert not task.done()
    assert len(looks) > 1
    task.cancel()
