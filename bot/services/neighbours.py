"""Which precincts lie side by side: a yard on a border belongs to two of them."""

from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.territory import PlaceView, Territory
from bot.store.territory import Border, Generation

LOOKED_AT = 400  # points of one border: a longer one is walked in wider steps


class Neighbours:
    def __init__(self, session: AsyncSession, territory: Territory) -> None:
        self._session, self._territory = session, territory

    async def of(self, precinct_id: int) -> list[PlaceView]:
        """Those that share a border with this precinct (within the 15 m a point may be off), by code."""
        query = (
            select(Border.polygons)
            .join(Generation, Generation.id == Border.generation_id)
            .where(Generation.is_active, Border.precinct_id == precinct_id)
        )
        points = _along(await self._session.scalar(query) or [])
        found: set[int] = set()
        for latitude, longitude in points[:: len(points) // LOOKED_AT + 1]:
            spot = await self._territory.spot_at(latitude, longitude)
            found |= {id_ for id_ in (spot.precinct_id, spot.neighbour_id) if id_ is not None}
        places = [await self._territory.precinct(id_) for id_ in found - {precinct_id}]
        return sorted(places, key=lambda place: place.code)


def _along(polygons: Any) -> list[tuple[float, float]]:
    """The middle of every edge: at a corner three may meet, and the nearest two would hide the third."""
    rings = [ring for polygon in polygons for ring in polygon]
    return [((a[1] + b[1]) / 2, (a[0] + b[0]) / 2) for ring in rings for a, b in pairwise(ring)]
