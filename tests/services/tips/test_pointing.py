"""Where a picture says it was taken: told to its sender alone, used only when he says so."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.errors import NotFound, TipClosed
from bot.services.media import MediaDraft
from bot.services.officers import OfficerView
from bot.services.routing import Spot
from bot.services.tips import Closing, Destination, PartDraft, PlaceDraft, TipView
from bot.services.unit import Units
from bot.store.events import Event
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from bot.terms import Identity, NoticeKind, NoticeState, PartKind, PlaceSource, Urgency
from tests.clocks import FakeClock
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


async def spot_in(units: Units, code: str = "102") -> Spot:
    async with units() as unit:
        return Spot(await cast.precinct_id(unit, code), PlaceSource.POINT)


async def says_yes(units: Units, part_id: int, spot: Spot) -> None:
    async with units() as unit:
        await unit.tips.take_point(await cast.resident(unit), part_id, spot)


async def inspector_of(units: Units, precinct_id: int | None) -> OfficerView:
    async with units() as unit:
        officer = await unit.officers.inspector_of(precinct_id or 0)
    assert officer is not None
    return officer


async def everything_left(units: Units) -> None:
    """As if the courier had carried all notices."""
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).values(state=NoticeState.SENT))


async def moves(units: Units) -> list[Any]:
    return list(await cast.rows(units, Event, Event.kind == "moved"))


async def test_a_place_in_another_precinct_brings_the_tip_to_its_inspector(units: Units) -> None:
    part_id, spot = await stored(units), await spot_in(units)
    before, there = await only(units, Tip), await inspector_of(units, spot.precinct_id)
    await everything_left(units)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.precinct_id, tip.place_source, tip.lat) == (spot.precinct_id, "point", POINT[0])
    assert (tip.officer_id, tip.desk_id, tip.rung, tip.taken_at) == (there.id, None, "precinct", None)
    assert tip.due_at == before.due_at, "what was promised stays promised"
    (event,) = await moves(units)
    assert (event.reason, event.from_officer_id, event.to_officer_id) == ("place", before.officer_id, there.id)
    assert event.facts["precincts"] == [before.precinct_id, spot.precinct_id]
    due = [
        (notice.kind, notice.resident_id) for notice in await cast.rows(units, Notice, Notice.state == NoticeState.DUE)
    ]
    former = await inspector_of(units, before.precinct_id)
    assert due == [
        ("tip_moved", tip.resident_id), ("card", there.resident_id), ("card_part", there.resident_id),
        ("card_left", former.resident_id),
    ]  # fmt: skip


async def test_a_place_where_none_was_known_takes_it_from_the_duty_queue(units: Units) -> None:
    part_id, spot = await stored(units, precinct_id=None), await spot_in(units)
    assert (await only(units, Tip)).officer_id is None
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.officer_id, tip.desk_id) == ((await inspector_of(units, spot.precinct_id)).id, None)


async def test_who_works_on_it_keeps_it_and_reads_where_it_lies(units: Units) -> None:
    part_id, spot = await stored(units), await spot_in(units)
    before = await only(units, Tip)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), before.id)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.officer_id, tip.precinct_id) == (before.officer_id, spot.precinct_id)
    assert await moves(units) == []
    (added,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_ADDED)
    async with units() as unit:
        place = await unit.territory.precinct(spot.precinct_id or 0)
    assert added.facts == {"elsewhere": [place.name.kk, place.name.ru]}


async def test_what_a_person_has_handed_over_is_not_taken_back_by_a_rule(units: Units) -> None:
    part_id, spot = await stored(units), await spot_in(units, "103")
    async with units() as unit:
        to = Destination(precinct_id=await cast.precinct_id(unit, "102"))
        tip = await only(units, Tip)
        await unit.tips.hand_over(await cast.officer(unit, cast.ASKAR), tip.id, "other_precinct", to)
    before = await only(units, Tip)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.officer_id, tip.precinct_id, tip.place_source) == (before.officer_id, before.precinct_id, "list")
    assert (tip.lat, tip.lon) == POINT
    assert len(await moves(units)) == 1


async def test_a_desk_keeps_what_is_its_own_wherever_it_lies(units: Units) -> None:
    part_id, spot = await stored(units, category="fraud_victim"), await spot_in(units)
    before = await only(units, Tip)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.desk_id, tip.precinct_id) == (before.desk_id, spot.precinct_id)
    (added, *_others) = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD_ADDED)
    assert added.facts is None
    assert await moves(units) == []


async def test_a_desk_that_was_silent_does_not_get_it_back_by_the_place(units: Units, clock: FakeClock) -> None:
    part_id, spot = await stored(units, category="fraud_victim"), await spot_in(units)
    await clock.advance(20 * 60)
    async with units() as unit:
        assert await unit.tips.climb((await only(units, Tip)).id)
    before = await only(units, Tip)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.desk_id, tip.rung) == (before.desk_id, before.rung)


async def test_what_lies_at_own_security_stays_there(units: Units) -> None:
    part_id, spot = await stored(units, category="officer_complaint"), await spot_in(units)
    before = await only(units, Tip)
    await says_yes(units, part_id, spot)
    tip = await only(units, Tip)
    assert (tip.desk_id, tip.is_restricted) == (before.desk_id, True)
    assert await moves(units) == []


async def test_the_inspector_of_the_place_of_a_danger_is_informed(units: Units) -> None:
    part_id = await stored(units, category="assault", urgency=Urgency.U0)
    spot = await spot_in(units)
    there = await inspector_of(units, spot.precinct_id)
    await everything_left(units)
    await says_yes(units, part_id, spot)
    cards = await cast.rows(units, Notice, Notice.kind == NoticeKind.CARD, Notice.resident_id == there.resident_id)
    assert [card.facts for card in cards] == [{"informed": True}]


async def test_a_point_outside_all_borders_moves_nothing(units: Units) -> None:
    part_id = await stored(units)
    before = await only(units, Tip)
    await says_yes(units, part_id, Spot(None, PlaceSource.POINT, None, 12_000.0))
    tip = await only(units, Tip)
    assert (tip.precinct_id, tip.officer_id, tip.outside_metres) == (before.precinct_id, before.officer_id, None)
    assert (tip.lat, tip.lon) == POINT


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


# -- a place its sender tells after the tip was sent

HOUSE = "Мұражай көшесі 5"


async def place_in(units: Units, code: str = "102") -> PlaceDraft:
    async with units() as unit:
        return PlaceDraft(HOUSE, spot=Spot(await cast.precinct_id(unit, code), PlaceSource.HOUSE))


async def tells(units: Units, tip_id: int, place: PlaceDraft, telegram_id: int = 1002) -> TipView:
    async with units() as unit:
        return await unit.tips.tell_place(await cast.resident(unit, telegram_id), tip_id, place)


@pytest.mark.parametrize("identity", [Identity.NAMED, Identity.HIDDEN])
async def test_a_place_told_later_brings_the_tip_there_and_its_sender_hears_nothing_more(
    units: Units, identity: Identity
) -> None:
    tip_id, place = await cast.sent_tip(units, identity=identity), await place_in(units)
    there = await inspector_of(units, place.spot.precinct_id)
    await everything_left(units)
    view = await tells(units, tip_id, place)
    tip = await only(units, Tip)
    assert (tip.place, tip.precinct_id, tip.place_source) == (HOUSE, place.spot.precinct_id, "house")
    assert (tip.officer_id, view.place, view.own_area) == (there.id, HOUSE, None)
    assert HOUSE.encode() not in tip.place_sealed
    due = await cast.rows(units, Notice, Notice.state == NoticeState.DUE)
    assert sorted(notice.kind for notice in due) == ["card", "card_left"]
    said = (await cast.rows(units, TipPart))[-1]
    assert (said.kind, said.purpose, said.text) == ("location", "added", HOUSE)


async def test_a_place_in_words_nobody_knows_moves_nothing(units: Units) -> None:
    tip_id, before = await cast.sent_tip(units), await only(units, Tip)
    await tells(units, tip_id, PlaceDraft("за гаражами у старой берёзы"))
    tip = await only(units, Tip)
    assert (tip.place, tip.precinct_id, tip.officer_id) == (
        "за гаражами у старой берёзы", before.precinct_id, before.officer_id,
    )  # fmt: skip
    assert await moves(units) == []


async def test_a_place_somebody_was_asked_for_is_his_answer(units: Units) -> None:
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        await unit.tips.take(officer, tip_id)
        await unit.tips.ask(officer, tip_id, PartDraft(PartKind.TEXT, "Где?"), await cast.resident(unit, 2001))
    view = await tells(units, tip_id, await place_in(units))
    assert view.state == "taken"
    assert (await cast.rows(units, TipPart))[-1].purpose == "answer"


async def test_the_story_leaves_out_what_stands_as_its_place(units: Units) -> None:
    tip_id = await cast.sent_tip(units, parts=[PartDraft(PartKind.TEXT, "Шум")])
    await tells(units, tip_id, await place_in(units))
    async with units() as unit:
        view = await unit.tips.for_notice(tip_id)
    assert view is not None
    assert (view.story, view.place) == ("Шум", HOUSE)


async def test_only_its_sender_tells_a_place_and_only_while_it_is_open(units: Units) -> None:
    tip_id, place = await cast.sent_tip(units), await place_in(units)
    with pytest.raises(NotFound):
        await tells(units, tip_id, place, telegram_id=1003)
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        await unit.tips.take(officer, tip_id)
        words = PartDraft(PartKind.TEXT, "Сделано")
        await unit.tips.close_together(
            officer, tip_id, Closing("measures_taken", lambda _tip: words), await cast.resident(unit, 2001)
        )
    with pytest.raises(TipClosed):
        await tells(units, tip_id, place)
