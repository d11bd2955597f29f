"""How a decision about a holder is told: the rule that won, those that lost, and why."""

from collections.abc import Sequence
from typing import Any

from bot.errors import N_
from bot.i18n import Bilingual, _, number
from bot.services.routing import Holder, Verdict
from bot.services.tips import Decision, Explanation

RULES = {  # in their order
    "conflict": N_("Conflict of interest"),
    "danger": N_("Danger"),
    "category_desk": N_("Desk of the category"),
    "precinct": N_("Precinct"),
    "substitute": N_("Substitute"),
    "district_duty": N_("Duty queue of the district"),
    "department_duty": N_("Duty queue of the department"),
    "silence": N_("Silence"),
    "late": N_("Promised time"),
    "place": N_("Place of the event"),
    "handed_over": N_("Handed over"),
}


def explain_words(explanation: Explanation) -> str:
    """Every decision about this tip, the first one first."""
    head = _("Tip No. {number}: who has it and why", number=explanation.number)
    blocks = ["\n".join(_decision_lines(decision)) for decision in explanation.decisions]
    return "\n\n".join([head, *(blocks or [_("How it was decided was not written down then.")])])


def _decision_lines(decision: Decision) -> list[str]:
    lines = [_("Holder: {holder}", holder=decision.holder)]
    if decision.before is not None:
        lines.append(_("Before: {holder}", holder=decision.before))
    return [*lines, *verdict_lines(decision.verdicts)]


def decision_words(holder: Holder) -> str:
    """A decision that was only tried."""
    name = holder.officer.title if holder.officer else holder.desk.name if holder.desk else ""
    lines = [_("Holder: {holder}", holder=name), *verdict_lines(holder.verdicts)]
    if holder.informed:
        told = ", ".join(str(officer.title) for officer in holder.informed)
        lines.append(_("Informed only: {names}", names=told))
    return "\n".join(lines)


def verdict_lines(verdicts: Sequence[Verdict]) -> list[str]:
    return [line_of(verdict) for verdict in verdicts]


def line_of(verdict: Verdict) -> str:
    mark = "✅" if verdict.won else "▫️"
    facts = {name: _fact(value) for name, value in verdict.facts.items()}
    return f"{mark} {_(RULES.get(verdict.rule, verdict.rule))}: {_(verdict.msgid, **facts)}"


def _fact(value: Any) -> object:
    if isinstance(value, dict):
        return Bilingual(value["kk"], value["ru"])
    return number(value) if isinstance(value, int | float) else value
