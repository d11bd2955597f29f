"""What became of calls, written down with all that follows from it: closed endpoints, stopped warnings, alarms."""

from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from bot.clock import Clock
from bot.courier.outcomes import Verdict
from bot.metrics import NOTICES
from bot.services.deliveries import Delivery
from bot.services.notices import Promise, Recipient
from bot.services.unit import Unit
from bot.terms import Lane, Language, Messenger, NoticeKind, Role

log = structlog.get_logger(__name__)

ALARM_EVERY = 3600.0


class Results:
    """Of one channel. `wake`: some of them are due again."""

    def __init__(self, messenger: Messenger, clock: Clock, wake: Callable[[], None]) -> None:
        self._messenger, self._clock, self._wake = messenger, clock, wake
        self._alarmed_at: dict[str, float] = {}

    async def write(self, unit: Unit, done: Sequence[tuple[Delivery, Verdict]]) -> None:
        if not done:
            return
        if any(verdict.is_over_tier for _delivery, verdict in done):
            opens_at = await unit.deliveries.tier_opens_at()
            done = [(item, verdict.postponed(opens_at) if verdict.is_over_tier else verdict) for item, verdict in done]
        await unit.deliveries.settle([verdict.settlement for _delivery, verdict in done])
        closures = [verdict.closure for _delivery, verdict in done if verdict.closure]
        if closures:
            await unit.deliveries.close(closures)
        for delivery, verdict in done:
            if verdict.refused and delivery.warning is not None and delivery.kind is NoticeKind.WARNING:
                await unit.warnings.refused(delivery.warning.id, verdict.refused)
            if verdict.pauses_template:
                language = delivery.language or Language.KK
                await unit.templates.pause(delivery.kind, language, self._clock.now())
            if verdict.alarm:
                await self._alarm(unit, verdict.alarm)
        self.count(done)

    def count(self, done: Sequence[tuple[Delivery, Verdict]]) -> None:
        """For the metrics; those that are due again are looked for."""
        states = Counter(verdict.settlement.state.value for _delivery, verdict in done)
        for state, many in states.items():
            NOTICES.labels(self._messenger.value, state).inc(many)
        if any(verdict.settlement.due_at for _delivery, verdict in done):
            self._wake()

    async def _alarm(self, unit: Unit, what: str) -> None:
        """To every administrator, once an hour for each cause."""
        now = self._clock.monotonic()
        if now - self._alarmed_at.get(what, float("-inf")) < ALARM_EVERY:
            return
        self._alarmed_at[what] = now
        log.error("courier.channel_refuses", messenger=self._messenger, reason=what)
        facts = {"alarm": "channel", "what": f"{self._messenger}: {what}"}
        admins = await unit.officers.with_role(Role.ADMIN)
        await unit.notices.promise(
            *(
                Promise(NoticeKind.ALARM, Recipient(resident_id=admin.resident_id), Lane.URGENT, facts=facts)
                for admin in admins
                if admin.resident_id
            )
        )
