"""Failures on order: a fault waits for calls that match it and spoils them."""

from dataclasses import dataclass, field
from typing import Any

from simulator.things import Json

KINDS = (
    "429",
    "403",
    "400",
    "401",
    "409",
    "500",
    "502",
    "migrate",
    "lost_answer",
    "refuse",
    "hang",
    "late_callback",
    "double_callback",
    "shuffled_callbacks",
    "twilio_error",
    "callback_error",
)
CALLBACK_KINDS = ("late_callback", "double_callback", "shuffled_callbacks", "callback_error")


class FaultWrong(ValueError):
    """A fault that cannot be understood."""


@dataclass
class Fault:
    id: int
    match: Json
    fault: Json
    times: int | None = None
    skip: int = 0
    hits: int = 0

    @property
    def kind(self) -> str:
        return str(self.fault["kind"])

    def public(self) -> Json:
        return dict(vars(self))

    def fits(self, method: str, chat: Any) -> bool:
        wanted = self.match.get("method")
        if wanted not in (None, "*") and str(wanted).lower() != method.lower():
            return False
        place = self.match.get("chat_id", self.match.get("to"))
        return place is None or str(place) == str(chat)


@dataclass
class Faults:
    """The first fault that fits is used; after `times` calls it is spent, the first `skip` calls pass."""

    orders: list[Fault] = field(default_factory=list)
    _last: int = 0

    def add(self, order: Json) -> Fault:
        what = order.get("fault")
        if not isinstance(what, dict) or str(what.get("kind")) not in KINDS:
            raise FaultWrong(f"fault.kind must be one of {', '.join(KINDS)}")
        self._last += 1
        fault = Fault(
            id=self._last,
            match=dict(order.get("match") or {}),
            fault={**what, "kind": str(what["kind"])},
            times=order.get("times"),
            skip=int(order.get("skip") or 0),
        )
        self.orders.append(fault)
        return fault

    def clear(self) -> None:
        self.orders.clear()

    def next(self, method: str, chat: Any, kinds: tuple[str, ...] | None = None) -> Fault | None:
        """The fault for this call, used up by one; `kinds` narrows (callback kinds are asked for apart)."""
        if not self.orders:
            return None
        for fault in self.orders:
            wanted = fault.kind in kinds if kinds else fault.kind not in CALLBACK_KINDS
            if not wanted or not fault.fits(method, chat):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.orders.remove(fault)
            return fault
        return None
