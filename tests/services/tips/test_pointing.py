"""Where a picture says it was taken: told to its sender alone, used only when he says so."""

from typing import Any

import pytest

from bot.errors import NotFound
from bot.services.media import MediaDraft
from bot.services.routing import Spot
from bot.services.tips import PartDraft
from bot.services.unit import Units
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from bot.terms import Identity, NoticeKind, PartKind, PlaceSource
from tests.services import cast

POINT = (51.125, 71.42)
PHOTO = PartDraft(PartKind.DOCUMENT, "Вот он", MediaDraft(PartKind.DOCUMENT, "file-1", "image/jpeg", 9))


async def stored(units: Units, **more: Any) -> int:
    """A tip with a picture that knows its place; the part of the picture."""
    await cast.sent_tip(units, parts=[PHOTO], **more)
    (media,) = await cast.rows(units, Media)
    async with units() as unit:
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/jpeg", b"o" * 32, POINT)
    (part,) = await cast.rows(units, TipPart, TipPart.media_id == media.id)
    return int(part.id)


async def only(units: Units, table: Any) -> Any:
    (row,) = await cast.rows(units, table)
    return row


async def asks(units: Units) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind == NoticeKind.TIP_POINT_ASK))


@pytest.mark.parametrize("identity", [Identity.NAMED, Identity.HIDDEN])
async def test_the_sender_is_asked_and_says_yes(units: Units, identity: Identity) -> None:
    part_id = await stored(units, identity=identity, precinct_id=None)
    (ask,) = await asks(units)
    assert (ask.part_id, ask.vault_id is not None) == (part_id, identity is Identity.HIDDEN)
    media = await only(units, Media)
    assert media.point == list(POINT)
    assert b"51.125" not in media.point_sealed
    async with units() as unit:
        person = await cast.resident(unit)
        assert await unit.tips.picture_point(person, part_id) == POINT
        spot = Spot(await cast.precinct_id(unit, "102"), PlaceSource.POINT)
        await unit.tips.take_point(person, part_id, spot)
    tip = await only(units, Tip)
    assert ((tip.lat, tip.lon), tip.precinct_id, tip.place_source) == (POINT, spot.precinct_id, "point")
    assert (await only(units, Media)).point is None
    said = (await cast.rows(units, TipPart))[-1]
    assert (said.kind, said.purpose, said.text) == ("location", "added", "51.12500, 71.42000")
    assert await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_ADDED, Notice.part_id == said.id)


async def test_what_was_chosen_as_the_precinct_stays(units: Units) -> None:
    part_id = await stored(units)
    before = await only(units, Tip)
    async with units() as unit:
        elsewhere = Spot(await cast.precinct_id(unit, "102"), PlaceSource.POINT)
        await unit.tips.take_point(await cast.resident(unit), part_id, elsewhere)
    tip = await only(units, Tip)
    assert (tip.precinct_id, tip.place_source, tip.lat) == (before.precinct_id, before.place_source, POINT[0])


async def test_no_forgets_it_and_a_second_press_finds_nothing(units: Units) -> None:
    part_id = await stored(units)
    async with units() as unit:
        await unit.tips.forget_point(await cast.resident(unit), part_id)
    assert (await only(units, Media)).point is None
    for act, arguments in (
        ("forget_point", ()),
        ("picture_point", ()),
        ("take_point", (Spot(None, PlaceSource.NONE),)),
    ):
        with pytest.raises(NotFound):
            async with units() as unit:
                await getattr(unit.tips, act)(await cast.resident(unit), part_id, *arguments)
    assert (await only(units, Tip)).lat is None


async def test_nobody_else_says_it(units: Units) -> None:
    part_id = await stored(units)
    for telegram_id in (1003, 2001):
        with pytest.raises(NotFound):
            async with units() as unit:
                await unit.tips.picture_point(await cast.resident(unit, telegram_id), part_id)


async def test_a_place_that_is_known_or_cannot_be_told_is_not_asked_and_not_kept(units: Units) -> None:
    await stored(units, point=(51.1, 71.4))
    assert await asks(units) == []
    assert (await only(units, Media)).point is None


async def test_after_the_link_is_cut_nothing_is_kept(units: Units) -> None:
    tip_id = await cast.sent_tip(units, identity=Identity.HIDDEN, parts=[PHOTO])
    media = await only(units, Media)
    async with units() as unit:
        await unit.tips.cut(await cast.resident(unit), tip_id)
        await unit.shelf.stored(media.id, b"d" * 32, 9, "image/jpeg", b"o" * 32, POINT)
    assert await asks(units) == []
    assert (await only(units, Media)).point is None
