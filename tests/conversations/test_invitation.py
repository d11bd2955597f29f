"""Officers join by a one-time invitation; the first administrators are named in the settings."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.channels import telegram_menus
from bot.commands import Invitee, invite_officer
from bot.i18n import Bilingual
from bot.services.officers import NewOfficer
from bot.store.officers import Officer
from bot.terms import Role
from tests.conversations import on_every_messenger
from tests.conversations.journeys import resident, resident_id, rows
from tests.stage import Person, Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED = "This invitation is not valid: it is used up, expired or meant for somebody else. Ask for a new one."


async def invited(stage: Stage, badge: str) -> str:
    """The payload of an invitation's link."""
    async with stage.app.units() as unit:
        officer = await unit.officers.by_badge(badge)
        return f"i_{await unit.officers.invite(officer.id, None)}"


async def new_officer(stage: Stage, badge: str) -> None:
    async with stage.app.units() as unit:
        place = await unit.territory.by_code("303")
        assert place is not None
        name = Bilingual("Жаңа Инспектор", "Новый Инспектор")
        await unit.officers.add(NewOfficer(badge, name, Role.INSPECTOR, precinct_id=place.id))


async def listed_for(person: Person, until: set[str] | None = None) -> set[str]:
    """The commands of this private chat alone; put up a moment after the commit."""
    commands: set[str] = set()
    for _turn in range(200):
        lists = person.stage.stand.world.main.commands
        mine = (value for scope, value in lists.items() if f'"chat_id": {person.address}' in scope)
        commands = {one["command"] for one in next(mine, [])}
        if commands == until or (until is None and commands):
            break
        await asyncio.sleep(0.02)
    return commands


@on_every_messenger
async def test_an_officer_joins_by_the_link_and_it_works_once(stage: Stage, messenger: str) -> None:
    badge = f"N-{messenger}"
    await new_officer(stage, badge)
    payload = await invited(stage, badge)
    officer = await stage.person(messenger, "Новичок", "kk")
    await officer.starts(payload)
    assert officer.heard("Жаңа Инспектор")
    await officer.says("/tips")
    assert officer.heard("No open tips. A quiet hour.")
    thief = await resident(stage, messenger)
    await thief.starts(payload)
    assert thief.heard(REFUSED)
    await thief.says("/tips")
    assert thief.did_not_hear("No open tips. A quiet hour.")
    (row,) = await rows(stage, Officer, Officer.badge == badge)
    assert row.resident_id == await resident_id(officer)


@on_every_messenger
async def test_each_half_of_the_welcome_has_the_name_in_its_own_language(stage: Stage, messenger: str) -> None:
    badge = f"W-{messenger}"
    await new_officer(stage, badge)
    officer = await stage.person(messenger, "Новичок", "ru")
    await officer.starts(await invited(stage, badge))
    for language, name in (("kk", "Жаңа Инспектор"), ("ru", "Новый Инспектор")):
        officer.language = language
        assert officer.heard("Welcome, {officer}! Your account is confirmed.", officer=name)


async def test_a_newcomer_with_a_wrong_invitation_is_told_in_both_languages(stage: Stage) -> None:
    stranger = await stage.person("telegram", language="ru")
    await stranger.starts("i_nonsense")
    for language in ("kk", "ru"):
        stranger.language = language
        assert stranger.heard(REFUSED)


async def test_the_administrators_button_makes_the_link(stage: Stage) -> None:
    await new_officer(stage, "N-button")
    admin, officer = await stage.existing("t2028", "kk"), await stage.person("telegram", "Новичок", "kk")
    await admin.says("/invite")
    await admin.says("N-button")
    await admin.picks("Жаңа Инспектор")
    link = next(text for text in admin.said if "https://t.me/" in text).rpartition("\n")[2]
    await officer.starts(parse_qs(urlsplit(link).query)["start"][0])
    assert officer.heard("Жаңа Инспектор")


async def test_an_officer_sees_staffs_commands_from_his_joining_to_his_leaving(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_menus, "PAUSE", 0)
    admin, officer = await stage.existing("t2028", "kk"), await stage.person("telegram", "Новичок", "kk")
    await new_officer(stage, "N-listed")
    await officer.starts(await invited(stage, "N-listed"))
    assert {"tips", "warning"} <= await listed_for(officer)
    await admin.says("/invite")
    await admin.says("N-listed")
    await admin.picks("Жаңа Инспектор")
    await admin.picks("Take away the access")
    await admin.picks("Yes, take it away")
    assert await listed_for(officer, until=set()) == set()


async def test_owners_of_the_settings_are_administrators(tmp_path: Path, demo_database: Path) -> None:
    async with staged(tmp_path, demo_database, owner_telegram_ids=(777001,)) as stage:
        owner = await stage.person("telegram", "Владелец", "ru", telegram_id=777001)
        stranger = await stage.person("telegram", "Чужой", "ru", telegram_id=777002)
        await owner.starts()
        await owner.picks("Русский")
        await owner.says("/invite")
        assert any("✅" in text for text in owner.said)
        await stranger.starts()
        await stranger.says("/invite")
        assert stranger.did_not_hear("✅")


async def test_the_command_prints_links_of_both_messengers(stage: Stage) -> None:
    links = await invite_officer(stage.app.settings, Invitee("A-1012", None, "", "", 10))
    assert [urlsplit(link).hostname for link in links] == ["t.me", "wa.me"]
