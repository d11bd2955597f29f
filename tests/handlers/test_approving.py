"""A second officer looks, approves or sends back; nobody else, and nothing unseen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiogram import Router
from sqlalchemy import update

from bot.services.warnings import WarningView
from bot.speech.calls import Review, Warn
from bot.store.media import Media
from bot.store.officers import Officer
from bot.terms import Messenger, Role, WarningState
from handlers import approving, warnings
from tests.handlers.department import Department, Talker, department

KK = "Көршілер, алаяқтардан сақ болыңыздар!"
RU = "Соседи, остерегайтесь мошенников!"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path) as house:
        yield house


def dialogs() -> Router:
    router = Router()
    router.include_routers(warnings.router(), approving.router())
    return router


async def staff(house: Department, role: Role | None = Role.STAFF, **more: Messenger) -> Talker:
    return await house.officer(dialogs(), role, **more)


async def handed_in(house: Department, *, urgent: str = "") -> tuple[Talker, WarningView]:
    author = await staff(house)
    await staff(house, Role.ADMIN)
    await author.says("/warning")
    await author.presses(Warn(do="own"))
    await author.says(KK)
    await author.says(RU)
    await author.sends_photo()
    async with house.units.house.database.writing() as session:
        await session.execute(update(Media).values(state="stored"))  # looked at: before that nothing of it is handed in
    if urgent:
        await author.presses(Warn(do="urgent"))
        await author.says(urgent)
    await author.presses(Warn(do="send"))
    return author, await the_warning(house)


async def the_warning(house: Department) -> WarningView:
    async with house.units.reading() as unit:
        officers = await unit.officers.everyone()
        (warning,) = [one for officer in officers for one in await unit.warnings.of_author(officer)]
    return warning


@pytest.mark.parametrize("messenger", list(Messenger))
async def test_both_versions_and_all_that_is_decided_are_shown(house: Department, messenger: Messenger) -> None:
    _author, warning = await handed_in(house, urgent="Обходят дома")
    second = await staff(house, Role.HEAD, messenger=messenger)
    await second.says("/approvals")
    await second.presses(Review(do="show", id=warning.id))
    kazakh, russian, card = second.heard
    assert kazakh.rendered()[0].startswith(KK)
    assert russian.rendered()[0].startswith(RU)
    assert warning.code in kazakh.rendered()[0]
    if messenger is Messenger.TELEGRAM:
        assert kazakh.media_id == russian.media_id == warning.media_id
    text = card.rendered()[0]
    for words in ("Асан", "весь департамент", "1 групповой чат", "2 жителя в Telegram", "Обходят дома", "28 ноября"):
        assert words in text
    await second.presses(Review(do="approve", id=warning.id, seen=warning.stamp))
    assert (await the_warning(house)).state is WarningState.SPREADING
    assert warning.code in second.text
    await second.presses(Review(do="approve", id=warning.id, seen=warning.stamp))
    assert second.text == "ApprovedAlready"


async def test_what_its_author_lets_be_tapped_is_shown_as_it_goes(house: Department) -> None:
    words = "Наш канал t.me/police_kz"
    author, second = await staff(house), await staff(house, Role.HEAD)
    await author.says("/warning")
    await author.presses(Warn(do="own"))
    for said in (KK, words):
        await author.says(said)
    await author.presses(Warn(do="skip"))
    await author.presses(Warn(do="tap"))
    await author.presses(Warn(do="send"))
    warning = await the_warning(house)
    await second.presses(Review(do="show", id=warning.id))
    _kazakh, russian, card = second.heard
    assert warning.text.ru == words
    assert russian.rendered()[0].startswith(words)
    assert "t.me" in card.rendered()[0]


async def test_the_author_cannot_approve_by_a_forged_button(house: Department) -> None:
    author, warning = await handed_in(house)
    await author.says("/approvals")
    assert not any("show" in choice.value for choice in author.choices)
    for data in (
        Review(do="show", id=warning.id), Review(do="approve", id=warning.id, seen=warning.stamp),
        Review(do="back", id=warning.id),
    ):  # fmt: skip
        await author.presses(data)
        assert author.text == "OwnWork"
    assert (await the_warning(house)).state is WarningState.AWAITING


async def test_what_was_not_looked_at_is_not_approved(house: Department) -> None:
    _author, warning = await handed_in(house)
    second = await staff(house, Role.HEAD)
    await second.presses(Review(do="approve", id=warning.id))
    assert second.last.alert
    await second.presses(Review(do="approve", id=warning.id, seen="0123456789"))
    assert second.text == "ChangedSince"
    assert (await the_warning(house)).state is WarningState.AWAITING


@pytest.mark.parametrize("role", [None, Role.INSPECTOR, Role.DESK, Role.DUTY])
async def test_others_have_no_such_dialog(house: Department, role: Role | None) -> None:
    _author, warning = await handed_in(house)
    stranger = await house.officer(approving.router(), role, precinct=0)
    for event in (
        stranger.says("/approvals"), stranger.presses(Review(do="list")), stranger.presses(Review(do="show", id=1)),
        stranger.presses(Review(do="approve", id=warning.id, seen=warning.stamp)),
        stranger.presses(Review(do="back", id=warning.id)),
    ):  # fmt: skip
        await event
        assert not stranger.was_handled


async def test_a_revoked_officer_decides_nothing(house: Department) -> None:
    _author, warning = await handed_in(house)
    second = await staff(house, Role.HEAD)
    await second.presses(Review(do="show", id=warning.id))
    async with house.units() as unit:
        person = await unit.residents.meet(second.messenger, second.address, "")
        assert person.officer
        (await unit._session.get_one(Officer, person.officer.id)).resident_id = None
    await second.presses(Review(do="approve", id=warning.id, seen=warning.stamp))
    assert not second.was_handled
    assert (await the_warning(house)).state is WarningState.AWAITING


async def test_sent_back_with_words_it_opens_again_with_everything_kept(house: Department) -> None:
    author, warning = await handed_in(house, urgent="Обходят дома")
    second = await staff(house, Role.HEAD)
    await second.presses(Review(do="back", id=warning.id))
    await second.says("…")
    assert second.step == "reason"
    await second.says("х" * 501)
    assert (second.text, second.step) == ("TextTooLong", "reason")
    await second.sends_sticker()
    assert second.step == "reason"
    await second.says("Добавьте адрес")
    assert second.talk.state is None
    found = await the_warning(house)
    assert (found.state, found.returned_reason) == (WarningState.RETURNED, "Добавьте адрес")
    await author.presses(Warn(do="reopen", id=warning.id))
    assert author.step == "check"
    assert (author.form["kk"], author.form["ru"], author.form["reason"]) == (KK, RU, "Обходят дома")
    assert author.form["media"] == warning.media_id
    await author.presses(Warn(do="ru"))
    await author.says("Соседи, на Абая 5 ходят мошенники")
    await author.presses(Warn(do="send"))
    again = await the_warning(house)
    assert (again.id, again.code, again.state) == (warning.id, warning.code, WarningState.AWAITING)


async def test_his_own_draft_is_not_dropped_for_a_decision(house: Department) -> None:
    _author, warning = await handed_in(house)
    second = await staff(house, Role.HEAD)
    await second.presses(Warn(do="new"))
    await second.presses(Warn(do="own"))
    await second.presses(Review(do="back", id=warning.id))
    assert second.talk.state == "WarnForm:kk"
    await second.presses(Review(do="show", id=warning.id))
    assert second.talk.state == "WarnForm:kk"


async def test_a_cancelled_answer_leaves_it_waiting(house: Department) -> None:
    _author, warning = await handed_in(house)
    second = await staff(house, Role.HEAD)
    await second.presses(Review(do="back", id=warning.id))
    await second.presses(Review(do="cancel"))
    assert second.talk.state is None
    assert second.can_press(Review(do="show", id=warning.id))
    await second.presses(Review(do="cancel"))
    assert second.last.alert


def test_no_dialog_sends_a_warning_past_the_second_officer() -> None:
    folder = Path(approving.__file__).parent
    assert [path.name for path in folder.glob("*.py") if "warnings.publish(" in path.read_text(encoding="utf-8")] == []
