"""Files of a tip: a picture that knows where it was taken, and files that are not taken at all."""

import base64

import pytest

from bot.store.media import Media
from bot.store.tips import Tip, TipPart
from bot.terms import PlaceSource
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import ADDED, begins, number_in, resident, rows, shows, tip_of
from tests.intake.test_pictures import picture
from tests.stage import PNG, Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = (
    "The picture you sent to No. {number} says where it was taken. Did it happen there? The inspector sees the place"
    " only if you say yes."
)
USED = "The place is added to No. {number}."
FORGOTTEN = "The place of the picture is not used and is forgotten."
NOT_TAKEN = "A file for No. {number} was not accepted."
NOT_FETCHED = "The file could not be fetched from the messenger."
AT = (49.828, 73.055)  # in precinct 101
SEEN = "49.82800"
STORY = {"kk": "Көлік гүлзарда тұр", "ru": "Машина стоит на клумбе"}
REFUSED = {
    "a program": (
        "document", "chek.pdf.exe", b"MZ\x90\0\x03 a program",
        "Files that may carry a program are not accepted. Send a photo, a screenshot or a PDF.",
    ),
    "an iPhone's picture": (
        "document", "IMG_0001.HEIC", b"\0\0\0\x20ftypheic\0\0\0\0",
        "This type of file is not accepted. Send it as a photo or a video, not as a file.",
    ),
    "a damaged picture": (
        "photo", "photo.jpg", b"\xff\xd8\xff\xe0 no picture", "The picture is damaged. Send it once more.",
    ),
}  # fmt: skip


async def sends_with(person: Person, place: str, kind: str, content: bytes, **more: str) -> int:
    """A tip with a file; the number it gets."""
    await begins(person, ("road", "parking"))
    await person.says(STORY[person.language])
    await person.sends(kind, content=base64.b64encode(content).decode(), **more)
    for answer in ("Done", place, "Send without my name", "Send"):
        await person.picks(answer)
    return number_in(person)


async def point_of(stage: Stage, number: int) -> tuple[float | None, float | None]:
    tip = await tip_of(stage, number)
    return tip.lat, tip.lon


@on_every_messenger
@in_both_languages
async def test_the_place_of_a_picture_is_used_when_its_sender_says_so(
    stage: Stage, messenger: str, language: str
) -> None:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_with(person, "In my precinct", "photo", picture(place=AT))
    assert person.heard(ASKED, number=number)
    assert await inspector.hears(STORY[language])
    assert inspector.did_not_hear(SEEN)
    assert await point_of(stage, number) == (None, None)
    await person.picks("Yes, there")
    assert person.heard(USED, number=number)
    assert await point_of(stage, number) == pytest.approx(AT)
    assert await inspector.hears(SEEN)
    await shows(inspector, number)
    assert inspector.heard("mlat=49.82800")


@on_every_messenger
@in_both_languages
async def test_the_place_of_a_picture_is_forgotten_when_its_sender_says_no(
    stage: Stage, messenger: str, language: str
) -> None:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_with(person, "In my precinct", "photo", picture(place=AT))
    assert person.heard(ASKED, number=number)
    await inspector.catch_up()
    await person.picks("No, do not use it")
    assert person.heard(FORGOTTEN)
    assert await inspector.hears_nothing()
    assert await point_of(stage, number) == (None, None)
    tip = await tip_of(stage, number)
    media = [part.media_id for part in await rows(stage, TipPart, TipPart.tip_id == tip.id) if part.media_id]
    (kept,) = await rows(stage, Media, Media.id.in_(media))
    assert (kept.state, kept.point) == ("stored", None)
    await shows(inspector, number)
    assert inspector.did_not_hear("mlat=")


@on_every_messenger
@in_both_languages
async def test_a_place_that_was_not_known_is_the_pictures(stage: Stage, messenger: str, language: str) -> None:
    """It was the duty unit's; now the inspector of that place has it, and its sender reads who."""
    person, inspector = await resident(stage, messenger, language, precinct=None), await stage.existing("t2001", "kk")
    number = await sends_with(person, "Skip", "photo", picture(place=AT))
    assert person.heard(ASKED, number=number)
    assert (await tip_of(stage, number)).precinct_id is None
    assert await inspector.hears_nothing()
    await person.picks("Yes, there")
    assert person.heard(USED, number=number)
    tip = await tip_of(stage, number)
    async with stage.app.units.reading() as unit:
        mine = await unit.territory.by_code("101")
    assert mine is not None
    assert (tip.precinct_id, tip.place_source) == (mine.id, PlaceSource.POINT)
    assert await inspector.hears(STORY[language])
    assert inspector.heard("mlat=49.82800")
    name = {"kk": "Асқар Тоғайбаев", "ru": "Аскар Тогайбаев"}[language]
    assert any(name in text for text in person.said), person.said


@on_every_messenger
@in_both_languages
async def test_a_picture_beside_a_known_place_is_not_asked_about(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await begins(person, ("road", "parking"))
    await person.sends("photo", content=base64.b64encode(picture(place=AT)).decode(), caption=STORY[language])
    await person.picks("Done")
    await person.sends("location", latitude=49.80690, longitude=73.05809)
    await person.picks("Send without my name")
    await person.picks("Send")
    assert number_in(person)
    assert person.did_not_hear(ASKED)


@on_every_messenger
@in_both_languages
@pytest.mark.parametrize("what", REFUSED)
async def test_who_sent_a_file_that_is_not_taken_reads_why_and_sends_another(
    stage: Stage, messenger: str, language: str, what: str
) -> None:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    kind, name, content, why = REFUSED[what]
    number = await sends_with(person, "In my precinct", kind, content, file_name=name)
    assert person.heard(NOT_TAKEN, number=number)
    assert person.heard(why)
    assert await inspector.hears(STORY[language])
    assert inspector.heard(NOT_FETCHED)
    assert not [message for message in inspector.fresh if "media" in message]
    await person.sends("photo")
    assert person.heard(ADDED, number=number)
    assert person.did_not_hear(NOT_TAKEN)
    await inspector.catch_up()
    assert [message["media"]["kind"] for message in inspector.fresh if "media" in message] == ["photo"]


@on_every_messenger
@in_both_languages
async def test_an_officers_file_that_is_not_taken_is_told_to_the_officer(
    stage: Stage, messenger: str, language: str
) -> None:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_with(person, "In my precinct", "photo", PNG)
    await inspector.catch_up()
    await shows(inspector, number)
    await inspector.picks("Answer the sender")
    await inspector.sends("document", content=base64.b64encode(b"MZ\x90\0").decode(), file_name="javap.exe",
                          caption="Жауап файлда")  # fmt: skip
    assert inspector.heard(NOT_TAKEN, number=number)
    assert await person.hears("Жауап файлда")
    assert person.did_not_hear(NOT_TAKEN)
    assert not [message for message in person.fresh if "media" in message]
    (tip,) = await rows(stage, Tip, Tip.number == number)
    assert tip.state != "closed"
