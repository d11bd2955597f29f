"""An officer whose messenger carries number and category only: nothing else about a tip ever reaches it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update

from bot.speech.calls import Card, Hand, Joint, Past, Pings, Ready
from bot.store.audit import AuditEntry
from bot.store.officers import Officer
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import category, resident, rows, sends_tip, tip_of
from tests.conversations.test_card import buttons, inspector_of_103, opens
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_DESK = "The content is read on the department's computer: this messenger must not carry it."
ADDED = "Something was added to this tip. It is read on the department's computer."
REFUSED = (
    "Your messages say number and category only. Read and answer this tip on the department's computer, or hand it"
    " over."
)
SECRET = "Музыка после полуночи"


@asynccontextmanager
async def brief(stage: Stage, badge: str) -> AsyncIterator[None]:
    async with stage.app.database.writing() as session:
        await session.execute(update(Officer).where(Officer.badge == badge).values(has_brief_pings=True))
    try:
        yield
    finally:
        async with stage.app.database.writing() as session:
            await session.execute(update(Officer).where(Officer.badge == badge).values(has_brief_pings=False))


def carries_nothing(officer: Person) -> None:
    text = "\n".join(officer.said)
    for secret in (SECRET, "Ещё слова", "Третий подъезд", "openstreetmap", "49.", "Тоғай"):
        assert secret not in text, text
    assert not [message for message in officer.fresh if "media" in message or "location" in message]


@on_every_messenger
@in_both_languages
async def test_number_and_category_and_nothing_else(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, "telegram", "ru", precinct="103")
    async with inspector_of_103(stage, messenger, language) as inspector, brief(stage, "A-1003"):
        number = await sends_tip(someone, SECRET)
        tip = await tip_of(stage, number)
        await inspector.catch_up()
        if messenger == "telegram":
            assert inspector.heard(f"№ {number} · ")
            assert inspector.heard(AT_DESK)
            carries_nothing(inspector)
        await someone.says("Ещё слова: Третий подъезд")
        await someone.sends("photo", caption="Ещё слова")
        await inspector.catch_up()
        if messenger == "telegram":
            assert inspector.heard(ADDED)
            carries_nothing(inspector)
        await opens(inspector, number)
        assert inspector.heard(AT_DESK)
        assert category("noise_night", language) in inspector.last["text"]
        carries_nothing(inspector)
        shown = buttons(inspector)
        assert inspector.word("Take into work") in shown
        for msgid in ("Answer the sender", "Ask a question", "Close", "More", "The whole talk"):
            assert inspector.word(msgid) not in shown
        await inspector.picks("Take into work")
        assert (await tip_of(stage, number)).state == "taken"
        carries_nothing(inspector)
        if messenger == "telegram":
            for data in (
                *(Card(do=do, tip=tip.id) for do in ("ask", "answer", "close", "outcome", "more", "aloud", "map")),
                Past(do="show", tip=tip.id), Past(do="note", tip=tip.id), Joint(do="choose", tip=tip.id),
                Joint(do="open", tip=tip.id), Ready(do="list", tip=tip.id), Card(do="show", tip=tip.id),
                Hand(do="begin", tip=tip.id), Hand(do="cancel", tip=tip.id), Card(do="next", tip=tip.id),
            ):  # fmt: skip
                await inspector.forges(data.pack())
                carries_nothing(inspector)
            await inspector.forges(Card(do="ask", tip=tip.id).pack())
            assert inspector.heard(REFUSED)


@on_every_messenger
@in_both_languages
async def test_his_own_choice(stage: Stage, messenger: str, language: str) -> None:
    async with inspector_of_103(stage, messenger, language) as inspector:
        await inspector.says("/menu")
        await inspector.picks("What is sent to me")
        assert inspector.heard("The messages about tips carry whole cards.")
        await inspector.picks("Number and category only")
        now = "The messages about tips say number and category only; the rest is read on the department's computer."
        assert inspector.heard(now)
        (officer,) = await rows(stage, Officer, Officer.badge == "A-1003")
        assert officer.has_brief_pings
        await inspector.picks("Send whole cards")
        assert inspector.heard("The messages about tips carry whole cards.")
        (officer,) = await rows(stage, Officer, Officer.badge == "A-1003")
        assert not officer.has_brief_pings
        entries = await rows(stage, AuditEntry, AuditEntry.action == "pings_set")
        assert [entry.facts["brief"] for entry in entries[-2:]] == [True, False]


async def test_staff_choose_for_others_and_nobody_else_does(stage: Stage) -> None:
    staff, inspector = await stage.existing("t2025", "kk"), await stage.existing("t2003", "kk")
    async with stage.app.units.reading() as unit:
        asel = await unit.officers.by_badge("A-1002")
    await staff.says("/menu")
    await staff.picks("What is sent to me")
    await staff.picks("Another officer")
    await staff.says("Никто такой")
    assert staff.heard("No officer with such a name.")
    await staff.says("A-1002")
    await staff.picks(str(asel.title.kk))
    await staff.picks("Number and category only")
    (officer,) = await rows(stage, Officer, Officer.badge == "A-1002")
    assert officer.has_brief_pings
    await staff.picks("Send whole cards")
    await inspector.says("/menu")
    for data in (Pings(do="on", id=asel.id), Pings(do="show", id=asel.id), Pings(do="others")):
        await inspector.forges(data.pack())
        assert inspector.heard("You have no right to do this.")
    someone = await resident(stage)
    await someone.says("/menu")
    await someone.forges(Pings(do="on", id=asel.id).pack())
    (officer,) = await rows(stage, Officer, Officer.badge == "A-1002")
    assert not officer.has_brief_pings
