"""A complaint about an officer goes to own security and nowhere else; money just gone has its own path."""

import pytest

from bot.speech.calls import Card
from bot.store.notices import Notice
from bot.store.tips import Tip
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    begins,
    category,
    number_in,
    resident,
    resident_id,
    rows,
    sends_tip,
    state_of,
    tile,
    tip_of,
)
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMPLAINT = ("other", "officer_complaint")
NOT_YOURS = "There is no such record, or it is not yours."
MONEY = (
    "If money is gone, every minute matters:\n"
    "1) Call your bank (the number is on the back of the card). Ask to stop the transfer and block the card.\n"
    "2) Call 102.\n"
    "3) Do not delete the conversation, receipts, screenshots.\n"
    "4) Write here: when, how much, to which number or account, what link there was.\n"
    "It is not your fault: a fraudster can deceive anyone."
)
GONE = {"kk": "Алаяқтарға ақша аударып жібердім", "ru": "Перевела деньги мошенникам, что теперь делать"}


@on_every_messenger
@in_both_languages
async def test_a_complaint_reaches_own_security_and_nobody_else(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    everybody = [await stage.existing(f"t{number}", "kk") for number in range(2001, 2029) if number != 2024]
    security = await stage.existing("t2024", "kk")
    await begins(someone, COMPLAINT)
    assert someone.heard("Only the own-security unit will see this tip.")
    await someone.says("Инспектор Тогайбаев требует деньги")
    await someone.sends("photo")
    await someone.picks("Done")
    await someone.says("улица Рыбаков 4")  # the complained officer's own precinct
    await someone.picks("Send with my name")
    await someone.picks("Send")
    number = number_in(someone)
    assert await security.hears("Инспектор Тогайбаев требует деньги")
    for officer in everybody:
        assert await officer.hears_nothing()
    tip = await tip_of(stage, number)
    kept = {notice.resident_id for notice in await rows(stage, Notice, Notice.tip_id == tip.id)}
    assert kept == {await resident_id(someone), await resident_id(security)}
    await security.picks("Take into work")
    await security.picks("Answer the sender")
    await security.says("Проверяем")
    assert await someone.hears("Проверяем")


async def test_a_complaint_is_in_nobody_elses_list_card_or_count(stage: Stage) -> None:
    someone = await resident(stage, precinct="104")
    number = await sends_tip(someone, "Жалоба на капитана", kind=COMPLAINT)
    tip = await tip_of(stage, number)
    for who in ("t2004", "t2019", "t2027", "t2028"):  # its inspector, the duty unit, the head, the administrator
        officer = await stage.existing(who, "kk")
        await officer.says("/tips")
        assert officer.did_not_hear(f"№ {number}")
        for what in ("show", "take", "answer", "close"):
            await officer.forges(Card(do=what, tip=tip.id).pack())
            assert officer.heard(NOT_YOURS)
    security = await stage.existing("t2024", "kk")
    await security.says("/tips")
    assert security.heard("Tips in work, by the time left:")
    await security.picks(f"№ {number}")
    assert security.heard("Жалоба на капитана")


async def test_a_complaint_that_is_not_solved_stays_with_own_security(stage: Stage) -> None:
    someone, security = await resident(stage), await stage.existing("t2024", "kk")
    duty = await stage.existing("t2019", "kk")
    number = await sends_tip(someone, "Жалоба", kind=COMPLAINT)
    for _ in range(2):
        await security.says("/tips")
        await security.picks(f"№ {number}")
        await security.picks("Close")
        await security.picks("Расталмады")
        await security.says("Проверено")
        await someone.catch_up()
        await someone.picks("Not solved")
    tip = await tip_of(stage, number)
    assert (tip.state, tip.is_restricted) == ("reopened", True)
    assert await security.hears(f"№ {number}")
    assert await duty.hears_nothing()


@on_every_messenger
@in_both_languages
async def test_the_bank_and_102_come_first_when_money_is_gone(stage: Stage, messenger: str, language: str) -> None:
    someone, cyber = await resident(stage, messenger, language), await stage.existing("t2013", "kk")
    await begins(someone, ("fraud", "fraud_victim"))
    assert someone.heard(MONEY)
    await someone.picks("Skip all questions")
    await someone.says("В 15:00, 200 тысяч, на карту, ссылки не было")
    await someone.picks("Done")
    await someone.picks("Send with my name")
    await someone.picks("Send")
    assert await cyber.hears("200 тысяч")


@on_every_messenger
@in_both_languages
async def test_words_of_money_gone_need_no_menu(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await someone.says(GONE[language])
    assert someone.heard(MONEY)
    await someone.picks("Skip all questions")
    await someone.picks("Done")
    await someone.picks("Send with my name")
    assert someone.heard(GONE[language])
    await someone.picks("Send")
    assert (await rows(stage, Tip))[-1].category == "fraud_victim"


@on_every_messenger
async def test_words_of_money_gone_in_another_story_and_beside_an_open_tip(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await sends_tip(someone)
    await someone.says(GONE["ru"])
    assert someone.heard(MONEY)
    await someone.picks("Cancel")
    await someone.says("/tip")
    await someone.picks(tile("other", "ru"))
    await someone.picks(category("question", "ru"))
    await someone.says(GONE["ru"])
    assert someone.heard(MONEY)
    assert await state_of(someone) == "TipForm:money"
