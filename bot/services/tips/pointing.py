"""Where it happened, told after the tip was sent: by its sender, or by a picture, of which he is asked first."""

from typing import Any

from sqlalchemy import select

from bot.errors import N_, NotFound, TipClosed
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.routing import Case, Holder, Spot, Verdict
from bot.services.tips.moving import MovedTips, is_with
from bot.services.tips.records import is_in_work, lane_of
from bot.services.tips.telling import Hop
from bot.services.tips.views import ADDED, ANSWER, PLACE, PartDraft, PlaceDraft, TipView, sent_by
from bot.store.events import Event
from bot.store.media import Media
from bot.store.territory import Precinct
from bot.store.tips import Tip, TipPart
from bot.terms import NoticeKind, PartKind, PlaceSource, StateType


class PointedTips(MovedTips):
    async def picture_point(self, person: Person, part_id: int) -> tuple[float, float]:
        """Raises NotFound for anybody else's picture, and once it was answered."""
        _tip, media = await self._picture(person, part_id)
        latitude, longitude = media.point or (0.0, 0.0)
        return latitude, longitude

    async def pictured(self, person: Person, part_id: int) -> int:
        """The number of its tip, while the question is open. Raises NotFound as `picture_point` does."""
        tip, _media = await self._picture(person, part_id)
        return tip.number

    async def take_point(self, person: Person, part_id: int, spot: Spot) -> TipView:
        """The event was there. Who holds the tip is decided anew by the usual rules, as long as nobody works on it."""
        tip, media = await self._picture(person, part_id)
        point, media.point = media.point or (0.0, 0.0), None
        found = Spot(spot.precinct_id, PlaceSource.POINT, spot.neighbour_id, spot.outside_metres)
        await self._place(person, tip, PlaceDraft(point=(point[0], point[1]), spot=found))
        return await self._view(tip, holder=True)

    async def tell_place(self, person: Person, tip_id: int, place: PlaceDraft) -> TipView:
        """The sender says where it is after his words have gone. He is answered by the dialog: of a move that follows
        he hears nothing more. Raises NotFound, TipClosed."""
        await self._session.get(Tip, tip_id, with_for_update=True)
        tip = await self._sent_tip(person, tip_id)
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        await self._place(person, tip, place)
        await self._notices.withdraw(tip.id, [NoticeKind.TIP_MOVED])
        return await self._view(tip, holder=True)

    async def _place(self, person: Person, tip: Tip, place: PlaceDraft) -> None:
        before, is_by_hand = await self._case(tip), await self._was_handed_over(tip)
        if place.point is not None:
            tip.lat, tip.lon = place.point
        if place.words:
            tip.place = place.words
        spot = place.spot
        if spot.precinct_id is not None and not is_by_hand:
            tip.precinct_id, tip.place_source = spot.precinct_id, spot.source
            tip.neighbour_id, tip.outside_metres = spot.neighbour_id, spot.outside_metres
        purpose = ADDED
        if await self._type(tip) is StateType.WAITING:  # he was asked for it
            await self._enter(tip, "taken")
            purpose = ANSWER
        part = self._add_part(tip, PartDraft(PartKind.LOCATION, place.said), purpose, person)
        self._event(tip, "pointed")
        await self._session.flush()
        if tip.is_restricted or is_by_hand:
            await self._tell_pointed(tip, part)
        else:
            await self._route_again(tip, before, part)

    async def forget_point(self, person: Person, part_id: int) -> TipView:
        tip, media = await self._picture(person, part_id)
        media.point = None
        return await self._view(tip)

    async def _route_again(self, tip: Tip, before: Case, part: TipPart) -> None:
        """Moves only what the place moves: where the rules name another holder than for the old one.

        Who works on the tip keeps it, reads where it lies, and hands it over himself. So does who has it again."""
        now = await self._case(tip)
        old, new = await self._routing.decide(before), await self._routing.decide(now)
        is_elsewhere = not is_same(old, new) and not is_with(tip, new)
        if is_elsewhere and not is_in_work(tip) and not tip.reopened:
            verdict = Verdict(PLACE, True, N_("The sender showed the place: it was decided anew."))
            facts: dict[str, Any] = {"precincts": [before.spot.precinct_id, tip.precinct_id]}
            await self._pass_on(tip, new, Hop(PLACE, verdict, facts=facts))
        else:
            await self._tell_pointed(tip, part, is_elsewhere=is_elsewhere)
        known = {officer.id for officer in old.informed}
        informed = [officer for officer in new.informed if officer.id not in known and officer.resident_id]
        lane = lane_of(tip.urgency)
        await self._notices.promise(*(self._card(tip, officer, lane, informed=True) for officer in informed))

    async def _tell_pointed(self, tip: Tip, part: TipPart, *, is_elsewhere: bool = False) -> None:
        """To its holders. `is_elsewhere`: with the precinct it lies in, for somebody else answers there."""
        facts = None
        if is_elsewhere and tip.precinct_id is not None:
            precinct = await self._session.get_one(Precinct, tip.precinct_id)
            facts = {"elsewhere": [precinct.name_kk, precinct.name_ru]}
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.CARD_ADDED, Recipient(officer.resident_id), tip_id=tip.id, part_id=part.id, facts=facts
                )
                for officer in await self._holders(tip)
                if officer.resident_id
            )
        )

    async def _was_handed_over(self, tip: Tip) -> bool:
        """A person has decided where it belongs: no rule takes it back."""
        by_hand = select(Event.id).where(Event.tip_id == tip.id, Event.kind == "moved", Event.officer_id.is_not(None))
        return await self._session.scalar(by_hand.limit(1)) is not None

    async def _picture(self, person: Person, part_id: int) -> tuple[Tip, Media]:
        """Locked: its holder may take or pass it on at the same moment."""
        query = (
            select(Tip, Media)
            .join(TipPart, TipPart.tip_id == Tip.id)
            .join(Media, Media.id == TipPart.media_id)
            .where(TipPart.id == part_id, TipPart.officer_id.is_(None), sent_by(person.id))
            .with_for_update(of=Tip)
        )
        found = (await self._session.execute(query)).first()
        if found is None or found[1].point is None or found[0].lat is not None or found[0].closed_at is not None:
            raise NotFound
        return found[0], found[1]


def is_same(one: Holder, other: Holder) -> bool:
    return (one.officer and one.officer.id, one.desk and one.desk.id) == (
        other.officer and other.officer.id,
        other.desk and other.desk.id,
    )
