"""Staff plans a warning for a date or for days of the week, and steers what is planned."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiogram import Router

from bot.services.campaigns import CampaignView
from bot.speech.calls import Open, Plan, Review
from bot.terms import CampaignState, Messenger, Role
from handlers import approving, campaigns
from handlers import planned as listing
from tests.handlers.department import Department, Talker, department

KK = "Көршілер, алаяқтардан сақ болыңыздар!"
RU = "Соседи, остерегайтесь мошенников!"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Department]:
    async with department(tmp_path) as house:
        yield house


def dialogs() -> Router:
    """What lists, what plans and what approves, as they stand one before the other."""
    router = Router()
    router.include_routers(listing.router(), campaigns.router(), approving.router())
    return router


async def at_when(house: Department, messenger: Messenger = Messenger.TELEGRAM) -> Talker:
    """Staff with a whole text, before the question of the time."""
    await house.officer(dialogs(), Role.HEAD)  # somebody who can approve
    staff = await house.officer(dialogs(), Role.STAFF, messenger=messenger)
    await staff.presses(Plan(do="new"))
    await staff.presses(Plan(do="own"))
    await staff.says(KK)
    await staff.says(RU)
    await staff.presses(Plan(do="skip"))
    assert staff.step == "when"
    return staff


async def test_a_site_named_in_a_campaign_cannot_be_tapped_unless_its_author_says_so(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("01.12.2026 10:00")
    await staff.presses(Plan(do="ru"))
    await staff.says("Наш канал t.me/police_kz, сайт мошенников fake-bank.top")
    assert "t[.]me/police_kz, сайт мошенников fake-bank[.]top" in staff.heard[1].rendered()[0]
    await staff.presses(Plan(do="tap"))
    assert "t.me/police_kz, сайт мошенников fake-bank.top" in staff.heard[1].rendered()[0]


async def planned(house: Department, *, weekly: bool = False) -> tuple[Talker, CampaignView]:
    staff = await at_when(house)
    if weekly:
        await staff.presses(Plan(do="weekly"))
        await staff.says("дс, жм")
        await staff.says("10:00")
        await staff.presses(Plan(do="until"))
    else:
        await staff.presses(Plan(do="once"))
        await staff.says("01.12.2026 10:00")
    await staff.presses(Plan(do="send"))
    await approved(house)
    return staff, (await all_planned(house, staff))[0]


async def approved(house: Department) -> Talker:
    """Another officer looks at what waits and lets it go."""
    second = await house.officer(dialogs(), Role.ADMIN)
    await second.says("/approvals")
    await second.presses(Review.unpack(second.choices[0].value))
    assert [reply.rendered()[0] for reply in second.heard[:2]] == [KK, RU]
    await second.presses(Review.unpack(second.choices[0].value))
    return second


async def all_planned(house: Department, staff: Talker) -> list[CampaignView]:
    async with house.units.reading() as unit:
        person = await unit.residents.meet(staff.messenger, staff.address, "", heard=False)
        assert person.officer
        return list(await unit.campaigns.listed(person.officer))


@pytest.mark.parametrize(
    "words", ["01.12.2026 10:00", "1 желтоқсан 10:00", "1 декабря 10:00", "Вторник, 10:00", "01.12 в 10:00"]
)
async def test_once_at_a_time_as_people_write_it(house: Department, words: str) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says(words)
    assert [reply.rendered()[0] for reply in staff.heard[:2]] == [KK, RU]
    assert "1 декабря 2026 года, 10:00" in staff.text
    await staff.presses(Plan(do="send"))
    assert staff.talk.state is None
    (campaign,) = await all_planned(house, staff)
    assert campaign.next_at is not None
    assert campaign.next_at.isoformat() == "2026-12-01T05:00:00+00:00"
    assert campaign.days == ()


async def test_a_ready_time(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    assert staff.can_press(Plan(do="at", code="20261126T1000"))
    await staff.presses(Plan(do="at", code="20261126T1000"))
    assert staff.step == "check"


async def test_a_ready_time_that_has_become_old(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await house.clock.advance(timedelta(days=2).total_seconds())
    await staff.presses(Plan(do="at", code="20261126T1000"))
    assert (staff.text, staff.step) == ("DateInPast", "time")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("24.11.2026 10:00", "DateInPast"),
        ("сегодня 09:00", "DateInPast"),
        ("когда-нибудь", "DateNotUnderstood"),
        ("31.02.2027 10:00", "DateNotUnderstood"),
        ("завтра", "DateNotUnderstood"),
        ("а" * 4000, "DateNotUnderstood"),
        ("<b>завтра</b> 10:00", "DateNotUnderstood"),
    ],
)
async def test_a_bad_time_leaves_the_question_open(house: Department, words: str, error: str) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says(words)
    assert (staff.text, staff.step) == (error, "time")


async def test_weekly_by_buttons(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="weekly"))
    await staff.presses(Plan(do="days"))
    assert staff.step == "days"
    for day in (0, 4, 2, 2):
        await staff.presses(Plan(do="day", id=day))
        assert staff.last.replaces
    marked = [choice.value for choice in staff.choices if choice.label.startswith("✅")]
    assert marked == [Plan(do="day", id=0).pack(), Plan(do="day", id=4).pack()]
    await staff.presses(Plan(do="days"))
    await staff.presses(Plan(do="at", code="20261125T1800"))
    await staff.says("до 31 декабря")
    assert "пн, пт" in staff.text
    assert "27 ноября 2026 года, 18:00" in staff.text
    await staff.presses(Plan(do="send"))
    (campaign,) = await all_planned(house, staff)
    assert (campaign.days, str(campaign.until)) == ((0, 4), "2026-12-31")
    assert campaign.next_at is not None
    assert campaign.next_at.isoformat() == "2026-11-27T13:00:00+00:00"


async def test_weekly_in_words_without_an_end(house: Department) -> None:
    staff, campaign = await planned(house, weekly=True)
    assert (campaign.days, campaign.until) == ((0, 4), None)
    assert staff.can_press(Open(what="campaigns"))


async def test_days_that_are_none(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="weekly"))
    await staff.says("по чётным")
    assert staff.step == "days"
    assert staff.can_press(Plan(do="day", id=6))


async def test_an_end_before_the_first_time(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="weekly"))
    await staff.says("пн")
    await staff.says("10:00")
    await staff.says("27.11.2026")
    assert (staff.text, staff.step) == ("DateInPast", "until")


async def test_a_time_in_the_quiet_hours_is_said(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 23:30")
    assert "08:00" in staff.text


async def test_the_audience_is_the_whole_department(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 10:00")
    assert "весь департамент" in staff.text
    assert "1 житель в WhatsApp" in staff.text


async def test_the_time_can_be_changed_after_the_check(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 10:00")
    await staff.presses(Plan(do="change"))
    await staff.presses(Plan(do="when"))
    await staff.presses(Plan(do="weekly"))
    await staff.says("пн")
    await staff.says("9")
    await staff.presses(Plan(do="until"))
    assert staff.step == "check"
    assert "пн" in staff.text


async def test_the_text_can_be_changed_after_the_check(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 10:00")
    await staff.presses(Plan(do="change"))
    await staff.presses(Plan(do="source"))
    await staff.presses(Plan(do="scheme", code="F02"))
    assert (staff.step, staff.form["scheme"]) == ("check", "F02")


@pytest.mark.parametrize("step", ["source", "when", "time", "days", "until", "check"])
async def test_a_sticker_is_answered_with_the_question_again(house: Department, step: str) -> None:
    staff = await at_when(house)
    if step == "source":
        await staff.presses(Plan(do="new"))
    elif step in ("days", "until"):
        await staff.presses(Plan(do="weekly"))
    elif step in ("time", "check"):
        await staff.presses(Plan(do="once"))
    if step == "until":
        await staff.says("пн")
        await staff.says("10:00")
    if step == "check":
        await staff.says("завтра 10:00")
    question = staff.text
    await staff.sends_sticker()
    assert staff.step == step
    assert staff.text.endswith(question)
    assert staff.can_press(Plan(do="cancel"))


async def test_the_same_schedule_button_twice_plans_once(house: Department) -> None:
    staff, _campaign = await planned(house)
    await staff.presses(Plan(do="send"))
    assert staff.last.alert
    assert len(await all_planned(house, staff)) == 1


async def test_old_and_forged_buttons_change_nothing(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    before = dict(staff.form)
    for old in (
        Plan(do="once"), Plan(do="day", id=1), Plan(do="until"), Plan(do="send"), Plan(do="check"), Plan(do="fly"),
        Plan(do="at", code="tomorrow"),
    ):  # fmt: skip
        await staff.presses(old)
        assert staff.last.alert, old
        assert (staff.form, staff.step) == (before, "time")


async def test_an_old_button_on_whatsapp_brings_the_question_again(house: Department) -> None:
    staff = await at_when(house, Messenger.WHATSAPP)
    await staff.presses(Plan(do="send"))
    assert staff.can_press(Plan(do="weekly"))


async def test_the_list_shows_time_days_and_state(house: Department) -> None:
    staff, campaign = await planned(house, weekly=True)
    await staff.says("/campaigns")
    assert "пн, пт" in staff.text
    assert "27 ноября 2026 года, 10:00" in staff.text
    assert staff.can_press(Plan(do="show", id=campaign.id))
    await staff.presses(Plan(do="pause", id=campaign.id))
    await staff.presses(Open(what="campaigns"))
    assert "27 ноября" not in staff.text


async def test_pause_go_on_and_cancel(house: Department) -> None:
    staff, campaign = await planned(house, weekly=True)
    for do, state in (
        ("pause", CampaignState.PAUSED), ("pause", CampaignState.PAUSED), ("resume", CampaignState.ACTIVE),
        ("stop", CampaignState.ACTIVE), ("show", CampaignState.ACTIVE),
    ):  # fmt: skip
        await staff.presses(Plan(do=do, id=campaign.id))
        assert (await all_planned(house, staff))[0].state is state, do
        assert staff.last.replaces
    await staff.presses(Plan(do="stop_yes", id=campaign.id))
    assert await all_planned(house, staff) == []
    await staff.presses(Plan(do="stop_yes", id=campaign.id))
    assert staff.text == "CampaignOver"


async def test_a_paused_campaign_whose_time_has_passed_is_over(house: Department) -> None:
    staff, campaign = await planned(house)
    await staff.presses(Plan(do="pause", id=campaign.id))
    await house.clock.advance(timedelta(days=10).total_seconds())
    await staff.presses(Plan(do="resume", id=campaign.id))
    assert await all_planned(house, staff) == []
    assert not staff.can_press(Plan(do="pause", id=campaign.id))


async def test_cancelling_deletes_the_draft(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="cancel"))
    assert (staff.talk.state, staff.form) == (None, {})


@pytest.mark.parametrize("role", [None, Role.INSPECTOR, Role.DUTY])
async def test_others_have_no_such_dialog(house: Department, role: Role | None) -> None:
    stranger = await house.officer(dialogs(), role, precinct=0)
    for event in (
        stranger.says("/campaigns"), stranger.presses(Open(what="campaigns")), stranger.presses(Plan(do="new")),
        stranger.presses(Plan(do="stop_yes", id=1)),
    ):  # fmt: skip
        await event
        assert not stranger.was_handled


async def test_a_change_of_what_is_planned_waits_for_approval_again(house: Department) -> None:
    staff, campaign = await planned(house, weekly=True)
    await staff.presses(Plan(do="show", id=campaign.id))
    assert staff.can_press(Plan(do="again", id=campaign.id))
    assert "Утверждение: " in staff.text  # by whom and when
    await staff.presses(Plan(do="again", id=campaign.id))
    assert (staff.step, staff.form["days"]) == ("check", [0, 4])
    await staff.presses(Plan(do="ru"))
    await staff.says("Другими словами")
    await staff.presses(Plan(do="send"))
    (changed,) = await all_planned(house, staff)
    assert (changed.id, changed.state) == (campaign.id, CampaignState.AWAITING)
    assert changed.text.ru == "Другими словами"
    await staff.presses(Plan(do="show", id=campaign.id))
    assert "Утверждение: " not in staff.text


async def test_given_back_it_is_opened_with_everything_kept(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 10:00")
    await staff.presses(Plan(do="send"))
    (campaign,) = await all_planned(house, staff)
    second = await house.officer(dialogs(), Role.ADMIN)
    await second.presses(Review(do="back", what="campaign", id=campaign.id))
    await second.says("Короче")
    assert await all_planned(house, staff) == []
    await staff.presses(Plan(do="again", id=campaign.id))
    assert (staff.step, staff.form["kk"], staff.form["again"]) == ("check", KK, campaign.id)


async def test_a_campaign_can_be_for_one_precinct(house: Department) -> None:
    staff = await at_when(house)
    await staff.presses(Plan(do="once"))
    await staff.says("завтра 10:00")
    await staff.presses(Plan(do="aim"))
    await staff.presses(Plan(do="aim", code="precinct", id=house.precincts[0]))
    await staff.presses(Plan(do="check"))
    await staff.presses(Plan(do="send"))
    (campaign,) = await all_planned(house, staff)
    assert campaign.audience.precinct_ids == (house.precincts[0],)
