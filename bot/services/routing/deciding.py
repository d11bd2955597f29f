"""Who is responsible: one function of place, category and time."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.roster import Roster
from bot.services.routing import rules
from bot.services.routing.scene import scene_for
from bot.services.routing.views import Case, Holder
from bot.terms import Rung


class Routing:
    def __init__(self, session: AsyncSession, roster: Roster) -> None:
        self._session, self._roster = session, roster

    async def decide(self, case: Case) -> Holder:
        """Conflict of interest, danger, the category's desk, the precinct, its substitute, the duty queues.

        Always exactly one holder; raises NotFound only where no territory is loaded."""
        return rules.decide(case, await scene_for(case, self._session, self._roster))

    async def above(self, case: Case, rung: Rung) -> Holder:
        """The next rung up: precinct, substitute, district, department; from a desk to the duty units.

        The top stays, and own security stays with itself: then the holder is the same, and an alarm is due."""
        return rules.above(case, await scene_for(case, self._session, self._roster), rung)
