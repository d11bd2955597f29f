"""Results written and the next claims taken: the courier's whole round, told to the database at once."""

from collections.abc import Sequence

from bot.clock import Clock
from bot.services.deliveries.ahead import claims_of, leased
from bot.services.deliveries.rules import Rules
from bot.services.deliveries.settling import results_of
from bot.services.deliveries.views import Delivery, Settlement
from bot.store.database import Database
from bot.store.prepared import Step


class Turnover:
    """For the many of a warning. Whatever needs a second look at the database goes through a unit's `Deliveries`, which
    says the same statements."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._database, self._clock, self._rules = database, clock, rules

    async def __call__(self, done: Sequence[Settlement], ready: Sequence[Delivery]) -> list[Delivery]:
        """As `settle` and then `claim_ready` in one transaction. A result with a message must say its messenger."""
        if any(item.message is not None and item.messenger is None for item in done):
            raise ValueError("whose message it is must be known here")
        now = self._clock.now()
        steps: list[Step] = [*results_of(done, now, {}), *claims_of(ready, now, self._rules)]
        claimed = dict(await self._database.at_once(*steps)) if steps else {}
        return leased(ready, claimed)
