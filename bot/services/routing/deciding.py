"""Who is responsible: one function of place, category and time."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.roster import Roster
from bot.services.routing import rules
from bot.services.routing.scene import Ground, Scene, ground_of, scene_for
from bot.services.routing.views import Case, Holder, Spot
from bot.terms import Rung


class Routing:
    def __init__(self, session: AsyncSession, roster: Roster) -> None:
        self._session, self._roster = session, roster

    async def look(self, spot: Spot, category: str) -> Ground:
        """What is there, the category of a tip from there read in the same statement."""
        return await ground_of(spot, self._session, category)

    async def decide(self, case: Case, ground: Ground | None = None) -> Holder:
        """Conflict of interest, danger, the category's desk, the precinct, its substitute, the duty queues.

        Always exactly one holder; raises NotFound only where no territory is loaded. `ground`: its place was looked
        at in this very unit."""
        return rules.decide(case, await self._scene(case, ground))

    async def above(self, case: Case, rung: Rung) -> Holder:
        """The next rung up: precinct, substitute, district, department; from a desk to the duty units.

        The top stays, and own security stays with itself: then the holder is the same, and an alarm is due."""
        return rules.above(case, await self._scene(case), rung)

    async def _scene(self, case: Case, ground: Ground | None = None) -> Scene:
        ground = ground or await ground_of(case.spot, self._session)
        return await scene_for(case, ground, self._session, self._roster)
