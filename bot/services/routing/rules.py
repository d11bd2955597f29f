"""The rules, in their order, over a scene. Pure: every case has exactly one holder, and each rule says why."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.errors import N_, NotFound
from bot.i18n import Bilingual
from bot.services.deadlines import accept_by
from bot.services.officers import OfficerView
from bot.services.routing.naming import Naming, naming_in
from bot.services.routing.scene import Scene
from bot.services.routing.views import DUTY, INSPECTOR, OWN_SECURITY, Case, DeskHold, Holder, Verdict
from bot.terms import DeskKind, PlaceSource, Rung, Urgency

CONFLICT, DANGER, DESK = "conflict", "danger", "category_desk"
PRECINCT, SUBSTITUTE, DISTRICT, DEPARTMENT = "precinct", "substitute", "district_duty", "department_duty"
ORDER = (CONFLICT, DANGER, DESK, PRECINCT, SUBSTITUTE, DISTRICT, DEPARTMENT)
ABOVE: dict[Rung, tuple[str, ...]] = {
    Rung.PRECINCT: (SUBSTITUTE, DISTRICT, DEPARTMENT),
    Rung.SUBSTITUTE: (DISTRICT, DEPARTMENT),
    Rung.DESK: (DISTRICT, DEPARTMENT),
    Rung.DISTRICT: (DEPARTMENT,),
    Rung.DEPARTMENT: (DEPARTMENT,),
}
FOUND_BY = {
    PlaceSource.POINT: N_("The point lies in {precinct}; its inspector is {officer}."),
    PlaceSource.HOUSE: N_("The house is on the list of {precinct}; its inspector is {officer}."),
    PlaceSource.CHAT: N_("The chat is bound to {precinct}; its inspector is {officer}."),
    PlaceSource.HOME: N_("The sender's own precinct is {precinct}; its inspector is {officer}."),
}
CHOSEN = N_("The precinct {precinct} was chosen; its inspector is {officer}.")

Outcome = tuple[Holder | None, str, dict[str, Any]]


def decide(case: Case, scene: Scene) -> Holder:
    """Raises NotFound only where the department has no desk at all."""
    if case.first == OWN_SECURITY:
        return _to_own_security(case, scene, Verdict(CONFLICT, True, N_("It is a complaint about an officer.")))
    return _judged(case, scene, ORDER[1:])


def above(case: Case, scene: Scene, rung: Rung) -> Holder:
    """One rung up. The top stays with the department's duty unit, own security with itself."""
    if rung is Rung.OWN_SECURITY or case.first == OWN_SECURITY:
        return _to_own_security(case, scene, Verdict(CONFLICT, True, N_("It is a complaint about an officer.")))
    return _judged(case, scene, ABOVE[rung])


def _judged(case: Case, scene: Scene, rules: tuple[str, ...]) -> Holder:
    found, verdicts = _walk(case, scene, rules)
    named = _named(case, scene, found)
    if named:
        officer, naming = named[0]
        facts = {"officer": names(officer.title), "word": naming.word}
        verdict = Verdict(CONFLICT, True, N_("The words name {officer} (“{word}”)."), facts)
        barred = case.barred | {who.id for who, _naming in named}
        return _to_own_security(replace(case, barred=barred), scene, verdict)
    lost = Verdict(CONFLICT, False, N_("The words name none of those who would hold it."))
    told = [] if found.is_restricted else _informed(case, scene, found)
    informed = tuple(officer for officer in told if naming_in(case.words, officer) is None)
    return replace(
        found, informed=informed, verdicts=(lost, *verdicts), accept_by=accept_by(case.urgency, case.at, scene.calendar)
    )


def _walk(case: Case, scene: Scene, rules: tuple[str, ...]) -> tuple[Holder, list[Verdict]]:
    verdicts = []
    for rule in rules:
        holder, msgid, facts = _RULES[rule](case, scene)
        verdicts.append(Verdict(rule, holder is not None, msgid, facts))
        if holder is not None:
            return replace(holder, reason=rule), verdicts
    raise NotFound  # the last rule always finds somebody


# -- conflict of interest


def _named(case: Case, scene: Scene, found: Holder) -> list[tuple[OfficerView, Naming]]:
    """Those concerned whom the words name. For inspectors of the place a surname is enough; at desks and in danger,
    where a neighbour of the same name would take the tip from those who can help, it must be sure."""
    if not case.words:
        return []
    here = scene.inspectors(case.spot.precinct_id)
    near = {officer.id: officer for officer in (*here, *([found.officer] if found.officer else []))}
    far = {officer.id: officer for officer in (*found.called, *_informed(case, scene, found))}
    is_enough = found.reason not in (DANGER, DESK)
    named = []
    for officer in (near | far).values():
        naming = naming_in(case.words, officer)
        if naming is not None and (naming.is_sure or (is_enough and officer.id in near)):
            named.append((officer, naming))
    return named


def _to_own_security(case: Case, scene: Scene, verdict: Verdict) -> Holder:
    """Nobody is informed. Is one of its own people meant, another of them holds it by himself, or the head."""
    holder: Holder | None = None
    desk = scene.desk(DeskKind.OWN_SECURITY)
    people = [*(scene.members(desk) if desk else ()), *scene.heads()]
    meant = {who.id for who in people if (naming := naming_in(case.words, who)) is not None and naming.is_him}
    case = replace(case, barred=case.barred | meant)
    if desk is not None:
        holder = _at_desk(case, scene, desk, Rung.OWN_SECURITY, is_last=True)
    for head in scene.heads():
        if holder is None and head.resident_id and head.id not in case.barred:
            holder = Holder(CONFLICT, Rung.OWN_SECURITY, officer=head)
    if holder is None:
        holder = Holder(CONFLICT, Rung.OWN_SECURITY, desk=_need(scene.desk(DeskKind.DEPARTMENT_DUTY)))
    due = accept_by(case.urgency, case.at, scene.calendar)
    return replace(
        holder, reason=CONFLICT, rung=Rung.OWN_SECURITY, is_restricted=True, accept_by=due, verdicts=(verdict,)
    )


# -- the others


def _danger(case: Case, scene: Scene) -> Outcome:
    if case.urgency is not Urgency.U0:
        return None, N_("It is not a danger of this moment: urgency {urgency}."), {"urgency": case.urgency.value}
    holder = _duty(case, scene)
    return holder, N_("Danger: the duty unit has it at any hour."), {}


def _category_desk(case: Case, scene: Scene) -> Outcome:
    if case.first == INSPECTOR:
        return None, N_("The category is the precinct inspector's."), {}
    if case.first == DUTY:
        return _duty(case, scene), N_("The category is the duty unit's."), {}
    desk = scene.desk(DeskKind.DESK, code=case.first)
    if desk is None:
        return None, N_("The category belongs to a desk this department does not have: {code}."), {"code": case.first}
    holder = _at_desk(case, scene, desk, Rung.DESK)
    facts = {"desk": names(desk.name)}
    if holder is None:
        return None, N_("The category belongs to {desk}, but nobody there can hold it."), facts
    return holder, N_("The category belongs to {desk}."), facts


def _precinct(case: Case, scene: Scene) -> Outcome:
    precinct = scene.precinct(case.spot.precinct_id)
    if precinct is None:
        return None, *_no_precinct(case)
    here = scene.inspectors(precinct.id)
    facts: dict[str, Any] = {"precinct": names(precinct.name)}
    for officer in here:
        if _may_hold(case, officer) and officer.id not in scene.away:
            facts["officer"] = names(officer.title)
            holder = Holder(PRECINCT, Rung.PRECINCT, officer=officer)
            return holder, FOUND_BY.get(case.spot.source, CHOSEN), facts
    if not here:
        return None, N_("{precinct} has no inspector."), facts
    facts["officer"] = names(here[0].title)
    if here[0].id in scene.away:
        return None, N_("{officer}, the inspector of {precinct}, is off."), facts
    if not here[0].resident_id:
        return None, N_("{officer}, the inspector of {precinct}, has no messenger account yet."), facts
    return None, N_("{officer}, the inspector of {precinct}, may not hold it."), facts


def _no_precinct(case: Case) -> tuple[str, dict[str, Any]]:
    if case.spot.outside_metres is None:
        return N_("The place is not known."), {}
    metres = round(case.spot.outside_metres)
    return N_("The place is outside all borders, {metres} m from the nearest precinct."), {"metres": metres}


def _substitute(case: Case, scene: Scene) -> Outcome:
    """Who stands in for the one who is off; else the precinct's other inspector, where the first let it lie."""
    precinct = scene.precinct(case.spot.precinct_id)
    if precinct is None:
        return None, *_no_precinct(case)
    here = scene.inspectors(precinct.id)
    usual = next((who for who in here if _may_hold(case, who) and who.id not in scene.away), None)
    passed = {case.holder_id, usual.id if usual else None}
    for officer in here:
        other = scene.stand_in(officer) if officer.id in scene.away else None
        if other is not None and other.id not in passed and _may_hold(case, other):
            facts = {"substitute": names(other.title), "officer": names(officer.title)}
            holder = Holder(SUBSTITUTE, Rung.SUBSTITUTE, officer=other)
            return holder, N_("{substitute} stands in for {officer}."), facts
    for officer in here:
        if officer.id not in passed and officer.id not in scene.away and _may_hold(case, officer):
            facts = {"officer": names(officer.title), "precinct": names(precinct.name)}
            holder = Holder(SUBSTITUTE, Rung.SUBSTITUTE, officer=officer)
            return holder, N_("{officer} is the other inspector of {precinct}."), facts
    return None, N_("Nobody who can hold it stands in."), {}


def _district(case: Case, scene: Scene) -> Outcome:
    precinct = scene.precinct(case.spot.precinct_id)
    if precinct is None:
        return None, N_("The district is not known."), {}
    desk = scene.desk(DeskKind.DISTRICT_DUTY, district_id=precinct.district_id)
    if desk is None:
        return None, N_("The district has no duty queue."), {}
    holder = _at_desk(case, scene, desk, Rung.DISTRICT)
    facts = {"desk": names(desk.name)}
    if holder is None:
        return None, N_("Nobody at {desk} can hold it."), facts
    return holder, N_("Nobody in the precinct can hold it: {desk} has it."), facts


def _department(case: Case, scene: Scene) -> Outcome:
    desk = _need(scene.desk(DeskKind.DEPARTMENT_DUTY))
    holder = _at_desk(case, scene, desk, Rung.DEPARTMENT, is_last=True)
    if holder is not None:
        return holder, N_("No rule before this one found a holder: {desk} has it."), {"desk": names(desk.name)}
    for head in scene.heads():
        if _may_hold(case, head):
            facts = {"desk": names(desk.name), "officer": names(head.title)}
            holder = Holder(DEPARTMENT, Rung.DEPARTMENT, officer=head)
            return holder, N_("Nobody at {desk} may hold it: {officer} has it."), facts
    verdict = Verdict(DEPARTMENT, True, "")
    return _to_own_security(case, scene, verdict), N_("Nobody of the duty units may hold it: own security has it."), {}


_RULES: dict[str, Callable[[Case, Scene], Outcome]] = {
    DANGER: _danger,
    DESK: _category_desk,
    PRECINCT: _precinct,
    SUBSTITUTE: _substitute,
    DISTRICT: _district,
    DEPARTMENT: _department,
}


def _duty(case: Case, scene: Scene) -> Holder:
    holder, _msgid, _facts = _district(case, scene)
    if holder is None:
        holder, _msgid, _facts = _department(case, scene)
    if holder is None:
        raise NotFound
    return holder


def _at_desk(case: Case, scene: Scene, desk: DeskHold, rung: Rung, *, is_last: bool = False) -> Holder | None:
    """All of a desk see what lies there: where somebody may not, one of the others holds it by himself.

    None: nobody with an account may; `is_last`: then it lies there all the same, unless those who may not would see."""
    called = [officer for officer in scene.called(desk) if officer.id not in case.barred]
    if any(officer.id in case.barred for officer in scene.members(desk)):
        return Holder("", rung, officer=called[0]) if called else None
    return Holder("", rung, desk=desk, called=tuple(called)) if called or is_last else None


def _may_hold(case: Case, officer: OfficerView) -> bool:
    return officer.resident_id is not None and officer.id not in case.barred


def _informed(case: Case, scene: Scene, found: Holder) -> list[OfficerView]:
    """Number, category and place only: the inspector of a danger or of a desk's tip, and the neighbour at a border."""
    places = []
    if found.reason == DANGER or (found.reason == DESK and INSPECTOR in case.handlers):
        places.append(case.spot.precinct_id)
    if case.first in (INSPECTOR, DUTY) or found.reason == DANGER:  # what belongs to a desk is not for neighbours
        places.append(case.spot.neighbour_id)
    informed: dict[int, OfficerView] = {}
    for precinct_id in places:
        here = [scene.stand_in(officer) for officer in scene.inspectors(precinct_id)]
        known = [officer for officer in here if officer is not None and _may_hold(case, officer)]
        informed |= {officer.id: officer for officer in known[:1]}
    holding = {officer.id for officer in (*found.called, *([found.officer] if found.officer else []))}
    return [officer for officer in informed.values() if officer.id not in holding]


def _need(desk: DeskHold | None) -> DeskHold:
    if desk is None:
        raise NotFound
    return desk


def names(name: Bilingual) -> dict[str, str]:
    return {"kk": name.kk, "ru": name.ru}
