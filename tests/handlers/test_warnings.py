"""An officer writes a warning, sees what it will be, sends it and steers it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiogram import Router
from sqlalchemy import select

from bot.i18n import speaking
from bot.services.warnings import TEXT_LIMIT
from bot.speech.calls import Warn
from bot.store.endpoints import Endpoint
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.templates import Template
from bot.terms import Language, Messenger, NoticeKind, Role, WarningState
from handlers import warnings, watching
from tests.handlers.department import NIGHT, Department, Talker, department

KK = "Көршілер, алаяқтардан сақ болыңыздар!"
RU = "Соседи, остерегайтесь мошенников!"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path) as house:
        yield house


@pytest.fixture
async def night_house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path, NIGHT) as house:
        yield house


def dialogs() -> Router:
    """What writes and what steers, as they stand one before the other."""
    router = Router()
    router.include_routers(watching.router(), warnings.router())
    return router


async def inspector(house: Department, messenger: Messenger = Messenger.TELEGRAM) -> Talker:
    return await house.officer(dialogs(), Role.INSPECTOR, precinct=0, messenger=messenger)


async def written(house: Department) -> Talker:
    """An inspector who stands before the check."""
    officer = await inspector(house)
    await officer.says("/warning")
    await officer.presses(Warn(do="own"))
    await officer.says(KK)
    await officer.says(RU)
    await officer.presses(Warn(do="skip"))
    assert officer.step == "check"
    return officer


async def the_warning(house: Department, officer: Talker) -> tuple[int, WarningState]:
    async with house.units.reading() as unit:
        person = await unit.residents.meet(officer.messenger, officer.address, "", heard=False)
        assert person.officer
        sent = await unit.warnings.of_author(person.officer)
    assert len(sent) == 1
    return sent[0].id, sent[0].state


async def test_a_scheme_card_goes_from_choice_to_sending(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    assert officer.step == "picture"
    await officer.presses(Warn(do="skip"))
    async with house.units.reading() as unit:
        card = await unit.warnings.scheme("F01")
    assert [reply.rendered()[0] for reply in officer.heard[:2]] == [card.text.kk, card.text.ru]
    assert "Участок A1" in officer.text
    await officer.presses(Warn(do="send"))
    assert officer.last.replaces
    assert officer.talk.state is None
    _id, state = await the_warning(house, officer)
    assert state is WarningState.SPREADING


async def test_all_sixteen_cards_are_shown_in_pages_in_both_languages(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    seen = {choice.value for choice in officer.choices}
    assert all(choice.also and choice.also != choice.label for choice in officer.choices)
    await officer.presses(Warn(do="page", id=1))
    assert officer.last.replaces
    seen |= {choice.value for choice in officer.choices}
    assert len([value for value in seen if value.startswith("warn:scheme")]) == 16


async def test_own_words_are_asked_first_in_kazakh_then_in_russian(house: Department) -> None:
    officer = await written(house)
    assert [reply.rendered()[0] for reply in officer.heard[:2]] == [KK, RU]
    assert officer.form["scheme"] is None


async def test_every_card_has_room_for_a_picture(house: Department) -> None:
    async with house.units.reading() as unit:
        for card in await unit.warnings.schemes():
            unit.warnings.check(card.text, with_media=True)


async def test_the_largest_size_of_the_photo_goes_on_the_shelf(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    await officer.sends_photo()
    assert officer.step == "check"
    media_id = officer.form["media"]
    async with house.units.reading() as unit:
        row = await unit._session.get_one(Media, media_id)
        assert (row.file, row.state) == ("photo-1280", "wanted")
    assert [reply.media_id for reply in officer.heard] == [media_id, media_id, None]


async def test_on_whatsapp_the_preview_waits_for_no_picture(house: Department) -> None:
    officer = await inspector(house, Messenger.WHATSAPP)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F15"))
    await officer.sends_photo()
    assert [reply.media_id for reply in officer.heard] == [None, None, None]
    assert officer.form["media"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("я" * (TEXT_LIMIT + 1), "WarningTooLong"),
        ("\u200f\u200e …", "NoWords"),
        ("1", "NoWords"),  # the habit of WhatsApp's numbers
        ("я" * 5000, "WarningTooLong"),
    ],
)
async def test_a_text_that_cannot_go_leaves_the_dialog_where_it_was(house: Department, text: str, error: str) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="own"))
    await officer.says(text)
    assert (officer.text, officer.step) == (error, "kk")
    await officer.says(KK)
    assert officer.step == "ru"


async def test_the_same_text_twice_is_not_two_languages(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="own"))
    await officer.says(KK)
    await officer.says(KK.upper())
    assert (officer.text, officer.step) == ("SameText", "ru")


async def test_marks_of_html_and_markdown_are_plain_text(house: Department) -> None:
    officer = await inspector(house)
    text = "<b>Сақ</b> *болыңыз* \u202eabc _[x](y)_"
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="own"))
    await officer.says(text)
    await officer.says(RU)
    await officer.presses(Warn(do="skip"))
    assert officer.heard[0].rendered() == (text, [])


async def test_a_long_text_has_no_room_for_a_picture(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="own"))
    await officer.says("к" * TEXT_LIMIT)
    await officer.says("р" * TEXT_LIMIT)
    await officer.sends_photo()
    assert (officer.text, officer.step) == ("TooLongForFile", "picture")
    await officer.presses(Warn(do="skip"))
    assert officer.step == "check"


async def test_a_photo_over_the_limit_is_refused(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    await officer.sends_photo(size=21 * 1024 * 1024)
    assert (officer.text, officer.step) == ("FileTooLarge", "picture")


@pytest.mark.parametrize("step", ["source", "kk", "ru", "picture", "check", "reason"])
async def test_a_sticker_is_answered_with_the_question_again(house: Department, step: str) -> None:
    officer = await written(house)
    presses = {
        "source": ["change", "source"], "kk": ["change", "kk"], "ru": ["ru"], "picture": ["picture"], "check": [],
        "reason": ["urgent"],
    }  # fmt: skip
    for do in presses[step]:
        await officer.presses(Warn(do=do))
    question = officer.text
    await officer.sends_sticker()
    assert officer.step == step
    assert len(officer.heard) == 1
    assert officer.text.endswith(question)
    assert officer.choices


@pytest.mark.parametrize("step", ["kk", "check"])
async def test_an_album_is_answered_once(house: Department, step: str) -> None:
    officer = await written(house)
    if step == "kk":
        await officer.presses(Warn(do="kk"))
    answers = 0
    for _photo in range(10):
        await officer.sends_photo(album="album-1")
        answers += len(officer.heard)
    assert (answers, officer.step) == (1, step)


async def test_of_an_album_the_first_photo_is_taken(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="picture"))
    await officer.sends_photo(album="album-2")
    first = officer.form["media"]
    for _photo in range(9):
        await officer.sends_photo(album="album-2")
        assert officer.heard == []
    assert (officer.form["media"], officer.step) == (first, "check")


async def test_a_file_is_not_a_picture(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="picture"))
    await officer.sends_file()
    assert officer.step == "picture"


async def test_a_change_leads_straight_back_to_the_check(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="change"))
    await officer.presses(Warn(do="ru"))
    await officer.says("Будьте осторожны!")
    assert officer.step == "check"
    assert [reply.rendered()[0] for reply in officer.heard[:2]] == [KK, "Будьте осторожны!"]


SITES = "Сайт eg0v-kz.top и бот @egov_bonus – обман, настоящий egov.kz"


async def with_sites(house: Department) -> Talker:
    officer = await written(house)
    await officer.presses(Warn(do="ru"))
    await officer.says(SITES)
    return officer


async def test_a_site_named_in_a_warning_cannot_be_tapped(house: Department) -> None:
    officer = await with_sites(house)
    told = "Сайт eg0v-kz[.]top и бот [@]egov_bonus – обман, настоящий egov.kz"
    assert officer.heard[1].rendered()[0] == told
    assert "eg0v-kz[.]top, [@]egov_bonus." in officer.text
    await officer.presses(Warn(do="send"))
    warning_id, _state = await the_warning(house, officer)
    async with house.units.reading() as unit:
        assert (await unit.warnings.get(warning_id)).text.ru == told


async def test_its_author_can_have_a_site_tapped_and_the_next_words_are_asked_anew(house: Department) -> None:
    officer = await with_sites(house)
    await officer.presses(Warn(do="tap"))
    assert officer.heard[1].rendered()[0] == SITES
    assert "eg0v-kz.top, @egov_bonus" in officer.text
    await officer.presses(Warn(do="untap"))
    assert "eg0v-kz[.]top" in officer.heard[1].rendered()[0]
    await officer.presses(Warn(do="tap"))
    await officer.presses(Warn(do="kk"))
    await officer.says("Алаяқтар сайты: eg0v-kz.top")
    assert "eg0v-kz[.]top" in officer.heard[0].rendered()[0]
    await officer.presses(Warn(do="tap"))
    await officer.presses(Warn(do="send"))
    warning_id, _state = await the_warning(house, officer)
    async with house.units.reading() as unit:
        assert (await unit.warnings.get(warning_id)).text.ru == SITES


async def test_without_a_site_nothing_is_said_of_taps(house: Department) -> None:
    officer = await written(house)
    with speaking(Language.RU):
        words = [choice.label for row in officer.last.choices for choice in row]
    assert not any("ажати" in word or "ткрыва" in word for word in words)


async def test_room_for_the_marks_of_a_site_is_counted(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="ru"))
    await officer.says("а" * (TEXT_LIMIT - 8) + " fake.kz")
    assert (officer.text, officer.step) == ("WarningTooLong", "ru")


async def test_the_check_counts_whom_it_will_reach(house: Department) -> None:
    officer = await written(house)
    with speaking(Language.RU):
        async with house.units.reading() as unit:
            reach = await unit.warnings.reach(unit.warnings.audience_of(await officer_view(house, officer)))
    assert (reach.chats, reach.telegram, reach.whatsapp) == (1, 2, 0)
    assert officer.text.count("• ") == 3


async def officer_view(house: Department, officer: Talker):  # type: ignore[no-untyped-def]
    async with house.units.reading() as unit:
        return (await unit.residents.meet(officer.messenger, officer.address, "", heard=False)).officer


async def test_at_night_the_check_says_when_it_goes(night_house: Department) -> None:
    officer = await written(night_house)
    assert "08:00" in officer.text
    await officer.presses(Warn(do="send"))
    assert "08:00" in officer.text
    id_, _state = await the_warning(night_house, officer)
    async with night_house.units.reading() as unit:
        warning = await unit.warnings.get(id_)
    assert warning.due_at is not None
    assert warning.due_at.isoformat() == "2026-11-26T03:00:00+00:00"


async def test_urgent_needs_a_reason_in_words(night_house: Department) -> None:
    officer = await written(night_house)
    await officer.presses(Warn(do="urgent"))
    await officer.says("…")
    assert officer.step == "reason"
    await officer.says("х" * 501)
    assert (officer.text, officer.step) == ("TextTooLong", "reason")
    await officer.says("Мошенники обходят дом прямо сейчас")
    assert "Мошенники обходят дом" in officer.text
    assert "08:00" not in officer.text
    await officer.presses(Warn(do="send"))
    id_, _state = await the_warning(night_house, officer)
    async with night_house.units.reading() as unit:
        warning = await unit.warnings.get(id_)
    assert (warning.is_urgent, warning.due_at) == (True, NIGHT)


async def test_urgency_can_be_taken_back(night_house: Department) -> None:
    officer = await written(night_house)
    await officer.presses(Warn(do="urgent"))
    await officer.says("Сейчас")
    await officer.presses(Warn(do="normal"))
    assert "08:00" in officer.text


async def test_the_same_send_button_twice_sends_once(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="send"))
    await officer.presses(Warn(do="send"))
    assert officer.last.alert
    await the_warning(house, officer)


async def test_an_old_button_of_another_step_changes_nothing(house: Department) -> None:
    officer = await written(house)
    before = dict(officer.form)
    for old in (Warn(do="scheme", code="F02"), Warn(do="skip"), Warn(do="page", id=1), Warn(do="own")):
        await officer.presses(old)
        assert officer.last.alert
        assert (officer.form, officer.step) == (before, "check")


async def test_an_old_button_on_whatsapp_brings_the_question_again(house: Department) -> None:
    officer = await inspector(house, Messenger.WHATSAPP)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="own"))
    await officer.presses(Warn(do="skip"))
    assert not officer.last.alert
    assert officer.can_press(Warn(do="cancel"))


async def test_an_unknown_button_is_stale(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="fly"))
    assert officer.last.alert


async def test_a_command_of_another_dialog_passes_by(house: Department) -> None:
    officer = await written(house)
    await officer.says("/campaigns")
    assert (officer.was_handled, officer.step) == (False, "check")


async def test_a_scheme_that_does_not_exist_is_refused(house: Department) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F99"))
    assert (officer.text, officer.step) == ("NotFound", "source")


async def test_cancelling_deletes_the_draft(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="cancel"))
    assert (officer.talk.state, officer.form) == (None, {})


async def test_nobody_to_warn_keeps_the_draft(house: Department) -> None:
    officer = await house.officer(dialogs(), Role.INSPECTOR, precinct=1)
    async with house.units() as unit:
        person = await unit.residents.meet(Messenger.WHATSAPP, "1003", "")
        await unit.subscriptions.unsubscribe(person.id)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F15"))
    await officer.presses(Warn(do="skip"))
    await officer.presses(Warn(do="send"))
    assert (officer.text, officer.step) == ("NothingToSend", "check")


@pytest.mark.parametrize("role", [None, Role.DESK, Role.DUTY])
async def test_others_have_no_such_dialog(house: Department, role: Role | None) -> None:
    stranger = await house.officer(dialogs(), role)
    for event in (stranger.says("/warning"), stranger.presses(Warn(do="new")), stranger.presses(Warn(do="list"))):
        await event
        assert not stranger.was_handled


async def test_an_inspector_without_a_precinct_is_told_before_he_writes(house: Department) -> None:
    officer = await house.officer(dialogs(), Role.INSPECTOR)
    await officer.presses(Warn(do="new"))
    assert (officer.text, officer.talk.state) == ("NotAllowed", None)


async def test_pause_go_on_and_cancel(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="send"))
    id_, _state = await the_warning(house, officer)
    for do, state in (
        ("pause", WarningState.PAUSED), ("pause", WarningState.PAUSED), ("resume", WarningState.SPREADING),
        ("stop", WarningState.SPREADING), ("show", WarningState.SPREADING), ("stop_yes", WarningState.CANCELLED),
        ("stop_yes", WarningState.CANCELLED), ("resume", WarningState.CANCELLED),
    ):  # fmt: skip
        await officer.presses(Warn(do=do, id=id_))
        assert await the_warning(house, officer) == (id_, state), do
        assert officer.last.replaces == (do != "stop")


async def test_the_list_opens_a_warning(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="list"))
    assert not any(choice.value.startswith("warn:show") for choice in officer.choices)
    await officer.presses(Warn(do="send"))
    id_, _state = await the_warning(house, officer)
    await officer.presses(Warn(do="list"))
    assert officer.can_press(Warn(do="show", id=id_))
    await officer.presses(Warn(do="show", id=id_))
    assert officer.can_press(Warn(do="pause", id=id_))


async def test_a_warning_of_another_inspector_is_not_shown(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="send"))
    id_, _state = await the_warning(house, officer)
    other = await inspector(house)
    for do in ("show", "pause", "stop", "stop_yes"):
        await other.presses(Warn(do=do, id=id_))
        assert other.text == "NotFound"


# -- whom, how long, what with, how it looks


async def staff_before_the_check(house: Department, messenger: Messenger = Messenger.TELEGRAM) -> Talker:
    await house.officer(dialogs(), Role.HEAD)  # somebody who can approve
    officer = await house.officer(dialogs(), Role.STAFF, messenger=messenger)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    await officer.presses(Warn(do="skip"))
    return officer


async def test_staff_hands_in_and_takes_back(house: Department) -> None:
    officer = await staff_before_the_check(house)
    await officer.presses(Warn(do="send"))
    id_, state = await the_warning(house, officer)
    assert (state, officer.talk.state) == (WarningState.AWAITING, None)
    assert officer.can_press(Warn(do="withdraw", id=id_))
    await officer.presses(Warn(do="list"))
    await officer.presses(Warn(do="show", id=id_))
    assert officer.can_press(Warn(do="withdraw", id=id_))
    await officer.presses(Warn(do="withdraw", id=id_))
    assert (await the_warning(house, officer))[1] is WarningState.DRAFT
    await officer.presses(Warn(do="withdraw", id=id_))
    assert officer.text == "NotAwaiting"
    await officer.presses(Warn(do="reopen", id=id_))
    assert (officer.step, officer.form["scheme"]) == ("check", "F01")
    await officer.presses(Warn(do="send"))
    assert await the_warning(house, officer) == (id_, WarningState.AWAITING)


async def test_nobody_opens_anothers_draft(house: Department) -> None:
    officer = await staff_before_the_check(house)
    await officer.presses(Warn(do="send"))
    id_, _state = await the_warning(house, officer)
    await officer.presses(Warn(do="withdraw", id=id_))
    other = await inspector(house)
    for do in ("reopen", "withdraw"):
        await other.presses(Warn(do=do, id=id_))
        assert (other.text, other.talk.state) == ("NotFound", None)


async def test_without_anybody_to_approve_the_draft_stays(house: Department) -> None:
    officer = await house.officer(dialogs(), Role.STAFF)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    await officer.presses(Warn(do="skip"))
    await officer.presses(Warn(do="send"))
    assert (officer.text, officer.step) == ("NobodyApproves", "check")


def aim(code: str, id_: int = 0) -> Warn:
    return Warn(do="aim", code=code, id=id_)


async def test_staff_chooses_district_precincts_and_chats(house: Department) -> None:
    officer = await staff_before_the_check(house)
    await officer.presses(Warn(do="aim"))
    assert (officer.step, officer.last.replaces) == ("audience", False)
    await officer.presses(aim("chats"))
    await officer.presses(aim("chat", 77))
    assert officer.form["aim"] == {"chats": [77]}
    assert "«Двор»" in officer.text
    await officer.presses(aim("chat", 77))
    assert officer.form["aim"] == {"all": True}
    await officer.presses(aim("precinct", house.precincts[1]))
    await officer.presses(aim("precinct", house.precincts[0]))
    assert officer.form["aim"] == {"precincts": [house.precincts[1], house.precincts[0]]}
    await officer.presses(aim("all"))
    assert officer.form["aim"] == {"all": True}
    await officer.presses(aim("precinct", house.precincts[0]))
    await officer.presses(Warn(do="check"))
    assert officer.step == "check"
    assert "Участок A1" in officer.text
    await officer.presses(Warn(do="send"))
    async with house.units.reading() as unit:
        warning = await unit.warnings.get((await the_warning(house, officer))[0])
    assert warning.audience.precinct_ids == (house.precincts[0],)


async def test_an_audience_is_narrowed_and_counted_at_once(house: Department) -> None:
    officer = await staff_before_the_check(house)
    await officer.presses(Warn(do="aim"))
    await officer.presses(aim("narrow"))
    await officer.presses(aim("only-whatsapp"))
    assert "0 жителей в Telegram" in officer.text
    await officer.presses(aim("only-telegram"))
    assert officer.form["aim"] == {"all": True, "messengers": ["telegram"]}
    await officer.presses(aim("only-people"))
    assert "0 групповых чатов" in officer.text
    await officer.presses(aim("only-people"))
    await officer.presses(aim("topics"))
    await officer.presses(aim("topic-theft"))
    assert officer.form["topic"] == "theft"
    assert "тема «Кражи»" in officer.text
    assert "0 жителей в Telegram" in officer.text


async def test_letters_that_one_chat_alone_has_choose_it(house: Department) -> None:
    officer = await staff_before_the_check(house)
    await officer.presses(Warn(do="aim"))
    await officer.presses(aim("chats"))
    await officer.says("сад")
    assert "«сад»" in officer.text
    assert "aim" not in officer.form
    assert officer.can_press(aim("chat", 77))  # nothing found: the whole list again
    await officer.says("дво")
    assert officer.form["aim"] == {"chats": [77]}
    await officer.says("дво")
    assert officer.form["aim"] == {"chats": [77]}  # a word chooses and never takes away
    assert officer.can_press(aim("chat", 77))


@pytest.mark.parametrize("data", [aim("topic-nonsense"), aim("only-nonsense"), aim("fly", 5), aim("chat", 999_999)])
async def test_a_forged_aim_reaches_nobody_else(house: Department, data: Warn) -> None:
    officer = await inspector(house)
    await officer.presses(Warn(do="new"))
    await officer.presses(Warn(do="scheme", code="F01"))
    await officer.presses(Warn(do="skip"))
    await officer.presses(Warn(do="aim"))
    await officer.presses(data)
    await officer.presses(Warn(do="check"))
    await officer.presses(Warn(do="send"))
    if officer.text == "NotAllowed":
        return
    async with house.units.reading() as unit:
        warning = await unit.warnings.get((await the_warning(house, officer))[0])
    assert warning.audience.precinct_ids == (house.precincts[0],)
    assert warning.topic == "warnings"


async def test_an_inspector_does_not_reach_a_strange_precinct_by_a_forged_button(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="aim"))
    await officer.presses(aim("precinct", house.precincts[1]))
    await officer.presses(Warn(do="check"))
    await officer.presses(Warn(do="send"))
    assert (officer.text, officer.step) == ("NotAllowed", "check")


async def test_a_file_stays_when_no_other_is_sent(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="picture"))
    assert {choice.value for choice in officer.choices} >= {Warn(do="check").pack(), Warn(do="skip").pack()}
    before = officer.form
    await officer.presses(Warn(do="check"))
    assert (officer.step, officer.form["media"]) == ("check", before["media"])


@pytest.mark.parametrize(("words", "until"), [("", "3"), ("28.11.2026", "2026-11-28")])
async def test_how_long_it_holds(house: Department, words: str, until: str) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="expiry"))
    if words:
        await officer.says(words)
    else:
        await officer.presses(Warn(do="lasts", code="3"))
    assert (officer.step, officer.form["lasts"]) == ("check", until)
    assert ("28 ноября 2026 года, 23:59" if words else "28 ноября 2026 года") in officer.text  # not 29 at 00:00
    await officer.presses(Warn(do="send"))
    async with house.units.reading() as unit:
        warning = await unit.warnings.get((await the_warning(house, officer))[0])
    assert warning.expires_at is not None
    assert warning.expires_at.isoformat() == "2026-11-28T" + ("19:00:00+00:00" if words else "05:00:00+00:00")


async def test_a_day_that_is_over_or_too_far_is_refused(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="expiry"))
    await officer.says("24.11.2026")
    assert (officer.text, officer.step) == ("DateInPast", "expiry")
    await officer.says("01.03.2027")
    assert (officer.text, officer.step) == ("ExpiryTooLate", "expiry")
    assert "lasts" not in officer.form
    await officer.presses(Warn(do="check"))
    await officer.presses(Warn(do="lasts", code="9999"))
    assert officer.last.alert


@pytest.mark.parametrize(
    ("kind", "mime", "size", "said"),
    [
        ("video", "video/mp4", 5_000_000, ""),
        ("document", "application/pdf", 5_000_000, ""),
        ("video", "video/mp4", 17_000_000, "FileTooLarge"),
        ("document", "application/zip", 1000, "TypeNotShown"),
        ("document", "image/jpeg", 1000, "TypeNotShown"),
        ("video", "video/x-matroska", 1000, "TypeNotShown"),
    ],
)
async def test_files_both_messengers_show(house: Department, kind: str, mime: str, size: int, said: str) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="picture"))
    await officer.sends(kind, mime, size)
    if said:
        assert (officer.text, officer.step) == (said, "picture")
        return
    assert officer.step == "check"
    async with house.units.reading() as unit:
        row = await unit._session.get_one(Media, officer.form["media"])
    assert (row.kind, row.mime) == (kind, mime)


async def test_how_it_looks_in_groups_and_by_template_and_on_the_own_phone(house: Department) -> None:
    officer = await written(house)
    await officer.presses(Warn(do="looks"))
    group, kazakh, russian, question = (reply.rendered()[0] for reply in officer.heard)
    assert group.index(KK) < group.index(RU)
    assert "нет утверждённого шаблона" in kazakh
    assert "нет утверждённого шаблона" in russian
    assert question
    await officer.presses(Warn(do="phone"))
    async with house.units.reading() as unit:
        person = await unit.residents.meet(officer.messenger, officer.address, "", heard=False)
        rows = list(await unit._session.scalars(select(Notice).where(Notice.kind == NoticeKind.LATE_REPLY)))
    assert {row.resident_id for row in rows} == {person.id}
    texts = [str((row.facts or {})["text"]) for row in rows]
    assert [KK in texts[0], RU in texts[1], all("🔎" in text for text in texts)] == [True, True, True]


async def test_a_missing_template_is_seen_before_anything_goes(house: Department) -> None:
    officer = await staff_before_the_check(house)
    assert "нет утверждённого шаблона на казахском" in officer.text
    async with house.units() as unit:
        for language in Language:
            unit._session.add(
                Template(
                    kind="warning", language=language, content_sid=f"HX{language}", variables=[], approval="approved"
                )
            )
    await officer.presses(Warn(do="check"))
    assert "шаблон" not in officer.text


async def test_a_template_nobody_has_asked_about_is_not_called_approved(house: Department) -> None:
    officer = await staff_before_the_check(house)
    async with house.units() as unit:
        unit._session.add(Template(kind="warning", language="ru", content_sid="HX2", variables=[], approval="unknown"))
    await officer.presses(Warn(do="check"))
    assert "WhatsApp ещё не сообщил, утверждён ли русский шаблон. До этого ждут:" in officer.text
    await officer.presses(Warn(do="looks"))
    assert any("ещё не сообщил, утверждён ли шаблон" in reply.rendered()[0] for reply in officer.heard)


async def test_an_over_warned_group_is_named_at_the_check(house: Department) -> None:
    async with house.units() as unit:
        for number in range(3):
            unit._session.add(
                Notice(
                    kind="warning", messenger="telegram", lane=3, talk=77, chat_id=77, warning_id=number + 1,
                    state="sent", due_at=house.clock.now(), sent_at=house.clock.now(), attempts=0, fence=0, error="",
                )
            )  # fmt: skip
    officer = await written(house)
    assert "«Двор» было предупреждений: 3" in officer.text
    assert "больше 3 предупреждений в неделю для 1 чата" in officer.text


@pytest.mark.parametrize(("tier", "said"), [(5, "сегодня поместятся все"), (1, "сегодня из таких поместится 0")])
async def test_what_fits_whatsapps_day_is_said_before_it_goes(house: Department, tier: int, said: str) -> None:
    house.units.house.whatsapp_tier = tier
    async with house.units() as unit:
        rows = await unit._session.scalars(select(Endpoint).where(Endpoint.messenger == "whatsapp"))
        for row in rows:
            row.window_until = house.clock.now()
    officer = await staff_before_the_check(house)
    assert said in officer.text
