"""From the first sentence to a tip, as people do it: in their own letters, with as few taps as it takes."""

import pytest

from bot.store.tips import Tip, TipPart
from bot.terms import PlaceSource, Urgency
from tests.conversations import on_every_messenger
from tests.conversations.journeys import category, number_in, resident, rows, tip_of
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAFE = (
    "Is it safe for you to write now, does nobody see your screen? If it is dangerous or somebody is beside you,"
    " choose “Not now”: what you wrote is not kept here, delete it from this chat yourself; you can begin again at"
    " any time. In danger call 102; 111 helps children and families, day and night."
)
OWN_AREA = "in the sender's own precinct ({area}); the exact place is not told"


@on_every_messenger
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Көршілер түнде музыка қосып ұйықтатпайды"),
        ("kk", "коршилер катты музыка косып жатыр тунги 2 де"),
        ("kk", "korshiler shulaidy"),
        ("ru", "соседи ночью включают музыку и не дают спать"),
    ],
)
async def test_noise_in_five_taps(stage: Stage, messenger: str, language: str, said: str) -> None:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    await person.says(said)
    label = category("noise_night", language)
    assert person.heard(label) if messenger == "whatsapp" else True
    assert person.did_not_hear(category("illegal_alcohol", language))
    await person.picks(label)
    await person.picks("In my precinct")
    assert person.heard(f"{person.word('Place of the event')}: {person.word('In my precinct')}")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = await tip_of(stage, number_in(person))
    assert (tip.category, tip.place_source, tip.suggested) == ("noise_night", PlaceSource.HOME, "noise_night")
    assert await inspector.hears(said)
    assert inspector.heard(OWN_AREA)


@on_every_messenger
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Бастығым жыныстық қатынасқа мәжбүрлеп жүр"),
        ("kk", "танысым мени былтыр зорлап кеткен"),
        ("ru", "Начальник домогается, требует переспать"),
    ],
)
async def test_of_a_sexual_kind_nothing_is_named_before_it_is_safe(
    stage: Stage, messenger: str, language: str, said: str
) -> None:
    person = await resident(stage, messenger, language)
    await person.says(said)
    assert person.heard(SAFE)
    label = category("sexual_violence", language)
    assert person.did_not_hear(label)
    await person.picks("Yes, go on")
    await person.picks(label)
    await person.picks("Skip")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = (await rows(stage, Tip))[-1]
    assert (tip.category, tip.urgency, tip.place_source) == ("sexual_violence", Urgency.U1, PlaceSource.NONE)
    assert person.did_not_hear(label)
    (part,) = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert part.text == said
