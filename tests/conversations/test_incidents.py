"""One happening, many tips: the program suggests, the inspector joins, each sender reads of his own, one fix ends all."""

import pytest

from bot.speech.calls import Card, Joint
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import NoticeKind
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import outcome, resident, rows, state_of, tip_of
from tests.conversations.test_answers import more, ready
from tests.conversations.test_card import buttons, inspector_of_103, opens, put
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

GOES_ON = "Work on tip No. {number} goes on. The answer will come to you here."
CLOSED = "Tip No. {number} is closed. Outcome: {outcome}.\n{text}"
NOT_YOURS = "There is no such record, or it is not yours."


def yard(n: int) -> tuple[float, float]:
    """Far from every other one: transcripts share a town."""
    return 49.5 + n * 0.01, 72.5


@on_every_messenger
@in_both_languages
async def test_from_the_suggestion_to_one_fix(stage: Stage, messenger: str, language: str) -> None:
    spot = yard({"telegram": 1, "whatsapp": 2}[messenger] + {"kk": 0, "ru": 2}[language])
    first = await resident(stage, "telegram", "ru", precinct="103")
    second = await resident(stage, "whatsapp", "kk", precinct="103")
    async with inspector_of_103(stage, messenger, language) as inspector:
        one = await put(stage, first, point=spot, words="Во дворе кричат")
        other = await put(stage, second, point=spot, words="Аулада айғай")
        for person in (first, second):
            await person.catch_up()
        await opens(inspector, other)
        assert inspector.heard(
            "🤖 Looks like the same matter: {numbers}. The program only suggests.", numbers=f"№ {one}"
        )
        await inspector.picks(inspector.word("The same as № {number}: join", number=one))
        assert inspector.heard("Joined. Each sender is told about his own tip alone; one fix closes them all.")
        assert f"№ {one}, № {other}" in "\n".join(inspector.said)
        for person, mine, theirs in ((first, one, other), (second, other, one)):
            await person.catch_up()
            assert person.times_heard(GOES_ON, number=mine) == 1
            assert len(person.fresh) == 1, "one text"
            assert str(theirs) not in "\n".join(person.said)
        await opens(inspector, one)
        await more(inspector, "Close")
        await inspector.picks(outcome("measures_taken", language))
        assert any("1" in text for text in inspector.said), "how many more will read these words"
        await inspector.picks("Ready answers")
        await inspector.picks(ready("done_noise")[f"title_{language}"])
        await inspector.picks("Send")
        assert inspector.heard("Tip No. {number} is closed. The sender is told and asked for a rating.", number=one)
        for person, mine, theirs in ((first, one, other), (second, other, one)):
            await person.catch_up()
            text = ready("done_noise")[person.language]
            assert person.heard(CLOSED, number=mine, outcome=outcome("measures_taken", person.language), text=text)
            assert len(person.fresh) == 1, "one text"
            assert str(theirs) not in "\n".join(person.said)
            assert (await tip_of(stage, mine)).state == "closed"


@on_every_messenger
async def test_by_its_number_and_out_again(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, "telegram", "ru", precinct="103")
    async with inspector_of_103(stage, messenger, "ru") as inspector:
        one = await put(stage, someone, point=yard(11))
        other = await put(stage, someone, point=yard(12), category="littering", words="Мусор у подъезда")
        await opens(inspector, other)
        await more(inspector, "Join to an incident")
        await inspector.says("какое-то")
        assert inspector.heard("A number is needed, like 1004.")
        await inspector.says("99999999")
        assert inspector.heard(NOT_YOURS)
        await inspector.says(f"№ {other}")
        assert inspector.heard("These tips cannot be joined: only tips of one precinct that are both with you can be.")
        await inspector.says(f"№ {one}")
        assert inspector.heard("Joined. Each sender is told about his own tip alone; one fix closes them all.")
        assert await state_of(inspector) is None
        incident = (await tip_of(stage, one)).incident_id
        assert incident is not None
        await more(inspector, "Leave the incident")
        assert inspector.heard("Tip No. {number} is by itself again.", number=other)
        assert [tip.number for tip in await rows(stage, Tip, Tip.incident_id == incident)] == [one]
        await more(inspector, "Open an incident")
        assert (await tip_of(stage, other)).incident_id not in (None, incident)


async def test_forged_joins(stage: Stage) -> None:
    """Neither another's tip nor a complaint about an officer can be drawn in by a changed button."""
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    elsewhere = await resident(stage, precinct="201")
    mine = await tip_of(stage, await put(stage, someone, point=yard(21)))
    theirs = await tip_of(stage, await put(stage, elsewhere, "201", point=yard(21)))
    complaint = await tip_of(
        stage, await put(stage, elsewhere, category="officer_complaint", point=yard(21), words="Инспектор кричал")
    )
    await inspector.says("/tips")
    for other in (theirs, complaint):
        await inspector.forges(Joint(do="join", tip=mine.id, other=other.id).pack())
        assert inspector.heard(NOT_YOURS)
        await inspector.forges(Joint(do="join", tip=other.id, other=mine.id).pack())
        assert inspector.heard(NOT_YOURS)
    await inspector.forges(Card(do="show", tip=mine.id).pack())
    assert str(complaint.number) not in "\n".join(inspector.said)
    assert inspector.word("More") in buttons(inspector)
    assert not await rows(stage, Notice, Notice.kind == NoticeKind.TIP_JOINED, Notice.tip_id == mine.id)
    assert (await tip_of(stage, mine.number)).incident_id is None
