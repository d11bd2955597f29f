"""Which steps are legal from a state: read from the table of states alone, so that staff may extend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.i18n import Bilingual
from bot.store.tips import TipState
from bot.terms import StateType

OWN_DIALOGS = frozenset({"new", "routed", "taken", "need_details", "handed_over", "closed", "confirmed", "reopened"})
"""States that are reached by their own buttons and rules; every other one is offered by its name."""


@dataclass(frozen=True, slots=True)
class StateView:
    code: str
    name: Bilingual
    is_closing: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """What may be done with a tip now: take, ask, answer, close, hand_over; and the states staff added."""

    acts: frozenset[str] = frozenset()
    states: tuple[StateView, ...] = field(default=())


def legal_steps(state: TipState, states: Mapping[str, TipState], *, is_in_work: bool) -> Steps:
    """`is_in_work`: it was taken; speaking to the sender or closing takes what was not."""
    if state.type == StateType.CLOSED:
        return Steps()
    after = next_of(state)
    acts = set()
    works = state if is_in_work else states.get("taken") if "taken" in after else None
    if "taken" in after and not (is_in_work and state.type == StateType.WAITING):
        acts.add("take")
    if works is not None:
        acts.add("answer")
        if works.code == "need_details" or "need_details" in next_of(works):
            acts.add("ask")
        if "closed" in next_of(works):
            acts.add("close")
    if "handed_over" in after:
        acts.add("hand_over")
    return Steps(frozenset(acts), tuple(_view(states[code]) for code in after if code in states and _is_added(code)))


def next_of(state: TipState) -> list[str]:
    """Codes of the states that may follow; whoever extends the table may put spaces between them."""
    return [code.strip() for code in state.next.split(",") if code.strip()]


def _is_added(code: str) -> bool:
    return code not in OWN_DIALOGS


def _view(row: TipState) -> StateView:
    return StateView(row.code, Bilingual(row.name_kk, row.name_ru), row.type == StateType.CLOSED)
