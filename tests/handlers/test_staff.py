"""An administrator invites officers and takes their access away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import InvitationRefused
from bot.i18n import Bilingual
from bot.services.officers import NewOfficer, OfficerView
from bot.speech.calls import Staff
from bot.terms import Messenger, Role
from handlers import staff
from tests.handlers.department import Department, Talker, department


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path) as house:
        yield house


@pytest.fixture
async def admin(house: Department) -> Talker:
    return await house.officer(staff.router(), Role.ADMIN)


async def newcomer(house: Department, number: int = 1) -> OfficerView:
    async with house.units() as unit:
        name = Bilingual(f"Б. Нұрланов {number:02}", f"Б. Нурланов {number:02}")
        new = NewOfficer(f"n-{number}", name, Role.INSPECTOR, precinct_id=house.precincts[0])
        return await unit.officers.add(new)


async def test_the_link_lets_exactly_one_person_in(house: Department, admin: Talker) -> None:
    officer = await newcomer(house)
    await admin.says("/invite")
    assert "Б. Нурланов 01 · Участковый инспектор полиции · Участок A1" in [choice.label for choice in admin.choices]
    await admin.presses(Staff(do="invite", id=officer.id))
    first, letter = admin.heard
    assert "10 минут" in first.rendered()[0]
    assert not letter.choices
    token = letter.rendered()[0].partition("?start=i_")[2]
    async with house.units() as unit:
        joined = await unit.officers.join(token, (await unit.residents.meet(Messenger.TELEGRAM, "5", "Б")).id)
        other = await unit.residents.meet(Messenger.TELEGRAM, "6", "В")
    assert joined.id == officer.id
    with pytest.raises(InvitationRefused):
        async with house.units() as unit:
            await unit.officers.join(token, other.id)


async def test_the_link_is_too_old_after_ten_minutes(house: Department, admin: Talker) -> None:
    officer = await newcomer(house)
    await admin.presses(Staff(do="invite", id=officer.id))
    token = admin.text.partition("?start=i_")[2]
    await house.clock.advance(timedelta(minutes=10).total_seconds())
    with pytest.raises(InvitationRefused):
        async with house.units() as unit:
            await unit.officers.join(token, (await unit.residents.meet(Messenger.TELEGRAM, "5", "Б")).id)


async def test_those_without_an_account_come_first_eight_a_page(house: Department, admin: Talker) -> None:
    for number in range(9):
        await newcomer(house, number)
    await admin.presses(Staff(do="list"))
    officers = [choice for choice in admin.choices if " · " in choice.label]
    assert len(officers) == 8
    assert not any(choice.label.startswith("✅") for choice in officers)
    await admin.presses(Staff(do="list", id=1))
    assert [choice.label[0] for choice in admin.choices if " · " in choice.label] == ["Б", "✅"]
    await admin.presses(Staff(do="list", id=99))
    assert len([choice for choice in admin.choices if " · " in choice.label]) == 2


async def test_an_officer_is_found_by_a_part_of_the_name(house: Department, admin: Talker) -> None:
    officer = await newcomer(house, 7)
    await newcomer(house, 8)
    await admin.says("/invite")
    await admin.says("нұрланов 07")
    assert admin.can_press(Staff(do="invite", id=officer.id))
    assert len(admin.choices) == 2
    await admin.says("Никто")
    assert admin.can_press(Staff(do="invite", id=officer.id))


async def test_a_sticker_is_answered_with_the_list_again(house: Department, admin: Talker) -> None:
    officer = await newcomer(house)
    await admin.says("/invite")
    await admin.sends_sticker()
    assert admin.can_press(Staff(do="invite", id=officer.id))


async def test_access_is_taken_away_after_a_question(house: Department, admin: Talker) -> None:
    inspector = await house.officer(staff.router(), Role.INSPECTOR, precinct=0)
    async with house.units.reading() as unit:
        officer = await unit.officers.by_badge(f"b-{inspector.address}")
    await admin.presses(Staff(do="show", id=officer.id))
    assert admin.can_press(Staff(do="revoke", id=officer.id))
    await admin.presses(Staff(do="revoke", id=officer.id))
    async with house.units.reading() as unit:
        assert (await unit.officers.get(officer.id)).resident_id
    await admin.presses(Staff(do="revoke_yes", id=officer.id))
    async with house.units.reading() as unit:
        assert (await unit.officers.get(officer.id)).resident_id is None
    for do in ("revoke_yes", "revoke", "show"):
        await admin.presses(Staff(do=do, id=officer.id))
        assert admin.last.alert


async def test_nobody_takes_away_his_own_access(house: Department, admin: Talker) -> None:
    async with house.units.reading() as unit:
        officer = await unit.officers.by_badge(f"b-{admin.address}")
    for do in ("revoke", "revoke_yes"):
        await admin.presses(Staff(do=do, id=officer.id))
        assert admin.text == "NotYourself"


async def test_an_unknown_officer_is_refused(admin: Talker) -> None:
    for do in ("invite", "revoke", "revoke_yes", "show"):
        await admin.presses(Staff(do=do, id=404))
        assert admin.text == "NotFound"


@pytest.mark.parametrize("role", [None, Role.INSPECTOR, Role.STAFF, Role.HEAD])
async def test_others_have_no_such_dialog(house: Department, role: Role | None) -> None:
    officer = await newcomer(house)
    stranger = await house.officer(staff.router(), role)
    for event in (stranger.says("/invite"), stranger.presses(Staff(do="invite", id=officer.id))):
        await event
        assert not stranger.was_handled


async def test_who_has_invited_whom_is_shown(house: Department, admin: Talker) -> None:
    officer, other = await newcomer(house), await newcomer(house, 2)
    await admin.presses(Staff(do="invite", id=officer.id))
    token = admin.text.partition("?start=i_")[2]
    async with house.units() as unit:
        await unit.officers.join(token, (await unit.residents.meet(Messenger.TELEGRAM, "5", "Б")).id)
        from_line = await unit.officers.invite(other.id, None)
        await unit.officers.join(from_line, (await unit.residents.meet(Messenger.TELEGRAM, "6", "В")).id)
        (inviter,) = await unit.officers.with_role(Role.ADMIN)
    await admin.presses(Staff(do="show", id=officer.id))
    assert f"Вход по приглашению: {inviter.title.ru}, " in admin.text
    await admin.presses(Staff(do="show", id=other.id))
    assert "Вход по приглашению из командной строки: " in admin.text
    await admin.presses(Staff(do="show", id=inviter.id))
    assert "приглашению" not in admin.text
