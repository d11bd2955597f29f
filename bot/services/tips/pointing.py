"""Where a picture says it was taken: told to its sender alone, and the place of the event only when he says so."""

from sqlalchemy import select

from bot.errors import NotFound
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.routing import Spot
from bot.services.tips.records import TipRecords
from bot.services.tips.views import ADDED, PartDraft, TipView, sent_by
from bot.store.media import Media
from bot.store.tips import Tip, TipPart
from bot.terms import NoticeKind, PartKind, PlaceSource


class PointedTips(TipRecords):
    async def picture_point(self, person: Person, part_id: int) -> tuple[float, float]:
        """Raises NotFound for anybody else's picture, and once it was answered."""
        _tip, media = await self._picture(person, part_id)
        latitude, longitude = media.point or (0.0, 0.0)
        return latitude, longitude

    async def take_point(self, person: Person, part_id: int, spot: Spot) -> TipView:
        """The place of the event is there; what was chosen as its precinct stays."""
        tip, media = await self._picture(person, part_id)
        tip.lat, tip.lon = media.point or (None, None)
        if tip.precinct_id is None and spot.precinct_id is not None:
            tip.precinct_id, tip.place_source = spot.precinct_id, PlaceSource.POINT
            tip.neighbour_id, tip.outside_metres = spot.neighbour_id, spot.outside_metres
        words = PartDraft(PartKind.LOCATION, f"{tip.lat:.5f}, {tip.lon:.5f}")
        part = self._add_part(tip, words, ADDED, person)
        media.point = None
        self._event(tip, "pointed")
        await self._session.flush()
        await self._notices.promise(
            *(
                Promise(NoticeKind.CARD_ADDED, Recipient(officer.resident_id), tip_id=tip.id, part_id=part.id)
                for officer in await self._holders(tip)
                if officer.resident_id
            )
        )
        return await self._view(tip)

    async def forget_point(self, person: Person, part_id: int) -> TipView:
        tip, media = await self._picture(person, part_id)
        media.point = None
        return await self._view(tip)

    async def _picture(self, person: Person, part_id: int) -> tuple[Tip, Media]:
        query = (
            select(Tip, Media)
            .join(TipPart, TipPart.tip_id == Tip.id)
            .join(Media, Media.id == TipPart.media_id)
            .where(TipPart.id == part_id, TipPart.officer_id.is_(None), sent_by(person.id))
        )
        found = (await self._session.execute(query)).first()
        if found is None or found[1].point is None or found[0].lat is not None or found[0].closed_at is not None:
            raise NotFound
        return found[0], found[1]
