"""How officers join, and what an invitation is worth in wrong hands."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import InvitationRefused, NotAllowed, NotFound
from bot.i18n import Bilingual
from bot.services.officers import NewOfficer, OfficerView
from bot.services.unit import Unit, Units
from bot.store.officers import Invitation, Officer
from bot.terms import Role
from tests.clocks import FakeClock
from tests.services import cast


async def recruit(unit: Unit, badge: str = "B-1") -> OfficerView:
    return await unit.officers.add(NewOfficer(badge, Bilingual("Жаңа", "Новый"), Role.STAFF))


async def invited(units: Units) -> tuple[OfficerView, str]:
    async with units() as unit:
        officer = await recruit(unit)
        return officer, await unit.officers.invite(officer.id, None)


async def test_an_invitation_binds_the_account_that_used_it(units: Units) -> None:
    officer, token = await invited(units)
    async with units() as unit:
        person = await cast.newcomer(unit)
        joined = await unit.officers.join(token, person.id)
        assert joined.id == officer.id
    async with units() as unit:
        known = (await cast.newcomer(unit)).officer
    assert known is not None
    assert known.badge == "B-1"
    assert known.has(Role.STAFF)


async def test_an_invitation_is_used_once(units: Units) -> None:
    _officer, token = await invited(units)
    async with units() as unit:
        await unit.officers.join(token, (await cast.newcomer(unit)).id)
    with pytest.raises(InvitationRefused):
        async with units() as unit:
            await unit.officers.join(token, (await cast.newcomer(unit, "990002")).id)
    async with units() as unit:
        assert (await cast.newcomer(unit, "990002")).officer is None


async def test_an_invitation_ends_after_ten_minutes(units: Units, clock: FakeClock) -> None:
    _officer, token = await invited(units)
    await clock.advance(timedelta(minutes=10).total_seconds())
    with pytest.raises(InvitationRefused):
        async with units() as unit:
            await unit.officers.join(token, (await cast.newcomer(unit)).id)


async def test_an_account_that_is_another_officer_is_refused(units: Units) -> None:
    _officer, token = await invited(units)
    with pytest.raises(InvitationRefused):
        async with units() as unit:
            await unit.officers.join(token, (await cast.resident(unit, 2001)).id)


async def test_guesses_find_nothing(units: Units) -> None:
    """128 random bits, and only their fingerprint is kept: a guess is one look-up that finds no row."""
    _officer, token = await invited(units)
    assert len(token) >= 22
    guesses = ["", " ", token[:-1], token + "A", token.lower(), token[::-1], "i_" + token, "%", "*", "' OR 1=1 --"]
    async with units() as unit:
        person = await cast.newcomer(unit)
        for guess in guesses:
            if guess == token:
                continue
            with pytest.raises(InvitationRefused):
                await unit.officers.join(guess, person.id)
    (invitation,) = await cast.rows(units, Invitation)
    assert token.encode() not in invitation.fingerprint
    assert invitation.used_at is None


async def test_only_an_administrator_invites(units: Units) -> None:
    async with units() as unit:
        officer = await recruit(unit)
        with pytest.raises(NotAllowed):
            await unit.officers.invite(officer.id, await cast.officer(unit, cast.ASKAR))
        with pytest.raises(NotFound):
            await unit.officers.invite(404, None)


async def test_a_revoked_officer_has_no_rights_at_his_next_word(units: Units) -> None:
    async with units() as unit:
        inspector, admin = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.ADMIN)
        with pytest.raises(NotAllowed):
            await unit.officers.revoke(inspector.id, inspector)
        await unit.officers.revoke(inspector.id, admin)
    async with units() as unit:
        assert (await cast.resident(unit, 2001)).officer is None


async def test_an_officer_who_left_is_nobody(units: Units) -> None:
    async with units.house.database.writing() as session:
        (await session.scalars(select(Officer).where(Officer.badge == cast.ASKAR))).one().is_active = False
    async with units() as unit:
        assert (await cast.resident(unit, 2001)).officer is None
        assert await unit.officers.inspector_of(await cast.precinct_id(unit)) is None
        with pytest.raises(NotFound):
            await unit.officers.by_badge(cast.ASKAR)


async def test_the_owner_of_the_settings_is_an_administrator_once(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        await unit.officers.add_owner("owner-990001", person.id)
    async with units() as unit:
        again = await unit.officers.add_owner("owner-990001", person.id)
        assert again.has(Role.ADMIN)
        assert len([officer for officer in await unit.officers.everyone() if officer.badge == "owner-990001"]) == 1


async def test_an_owner_takes_the_account_from_the_officer_he_was(units: Units) -> None:
    """He served as an inspector and left: his account is the administrator's now, and the old row keeps none."""
    async with units.house.database.writing() as session:
        (await session.scalars(select(Officer).where(Officer.badge == cast.ASKAR))).one().is_active = False
    async with units() as unit:
        person = await cast.resident(unit, 2001)
        assert person.officer is None
        await unit.officers.add_owner("owner-2001", person.id)
    async with units() as unit:
        officer = (await cast.resident(unit, 2001)).officer
        assert officer is not None
        assert (officer.badge, officer.has(Role.ADMIN)) == ("owner-2001", True)
    (former,) = await cast.rows(units, Officer, Officer.badge == cast.ASKAR)
    assert (former.resident_id, former.is_active) == (None, False)


async def test_an_owner_named_again_is_active_again(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        owner = await unit.officers.add_owner("owner-990001", person.id)
        await unit.officers.revoke(owner.id, await cast.officer(unit, cast.ADMIN))
    async with units() as unit:
        assert (await cast.newcomer(unit)).officer is None
        await unit.officers.add_owner("owner-990001", person.id)
    async with units() as unit:
        again = (await cast.newcomer(unit)).officer
        assert again is not None
        assert (again.id, again.has(Role.ADMIN)) == (owner.id, True)


async def test_each_district_has_its_duty_desk_and_the_rest_the_departments(units: Units) -> None:
    async with units() as unit:
        districts = await unit.territory.districts()
        codes = [(await unit.officers.duty_desk(district.id)).code for district in districts]
        assert codes == ["duty-d1", "duty-d2", "duty-d3"]
        assert (await unit.officers.duty_desk(None)).code == "duty"
        assert (await unit.officers.duty_desk(404)).code == "duty"


async def test_the_title_is_said_in_both_languages(units: Units) -> None:
    async with units() as unit:
        title = (await cast.officer(unit, cast.ASKAR)).title
    assert title.kk.endswith("Асқар Тоғайбаев")
    assert title.ru.startswith("капитан")
