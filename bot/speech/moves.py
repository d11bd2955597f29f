"""What is said when a tip goes to another holder, and when somebody stands in for somebody."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.errors import N_
from bot.i18n import Bilingual, _, day, moment
from bot.services.deliveries import Delivery
from bot.services.tips import LATE, PLACE, SILENCE, UNSOLVED, TipView
from bot.speech import Reply, choose
from bot.speech.asks import tip_of
from bot.speech.calls import Card, Open
from bot.terms import Rung

RUNGS = {
    Rung.PRECINCT: N_("Precinct inspector"),
    Rung.SUBSTITUTE: N_("Who stands in"),
    Rung.DESK: N_("Specialist desk"),
    Rung.DISTRICT: N_("Duty unit of the district"),
    Rung.DEPARTMENT: N_("Duty unit of the department"),
}


def tip_moved(delivery: Delivery, zone: ZoneInfo) -> Reply:
    """As things stand when it is sent: who holds the tip now, and by when he answers."""
    tip = tip_of(delivery)
    mine = [[choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))]]
    return Reply(_moved_words(tip, str(delivery.facts.get("how", "")), zone), mine)


def _moved_words(tip: TipView, how: str, zone: ZoneInfo) -> str:
    holder = str(tip.holder or "")
    if tip.promised_at is None:
        return _("Tip No. {number} is now with: {holder}.", number=tip.number, holder=holder)
    due = moment(tip.promised_at, zone)
    if how == "late_here":
        return _(
            "The answer to tip No. {number} is late, we are sorry. The heads of the department know it. New time:"
            " {due}.",
            number=tip.number,
            due=due,
        )
    if how == "late":
        late = _(
            "The answer to tip No. {number} is late, we are sorry. The tip has been passed on. New time: {due}.",
            number=tip.number,
            due=due,
        )
        return "\n".join([late, _("Now with: {holder}.", holder=holder)])
    if how == "handed_over" and tip.officer_id is not None:
        return _(
            "Tip No. {number} is handed over to another inspector. Inspector: {officer}. Answer due: {due}.",
            number=tip.number,
            officer=holder,
            due=due,
        )
    return _("Tip No. {number} is now with: {holder}. Answer due: {due}.", number=tip.number, holder=holder, due=due)


def card_left(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """From its own facts alone: the tip itself is not his to read any more."""
    facts = delivery.facts
    text = _("Tip No. {number} is not with you any more.", number=facts["number"])
    if facts.get("reason") == SILENCE:
        text = _("Tip No. {number} was not taken in time and has moved on.", number=facts["number"])
    elif facts.get("reason") == LATE:
        text = _("The time of tip No. {number} ran out: it has moved one rung up.", number=facts["number"])
    elif facts.get("reason") == UNSOLVED:
        text = _(
            "The sender of tip No. {number} said again that it is not solved: it has moved one level up.",
            number=facts["number"],
        )
    elif facts.get("reason") == PLACE:
        text = _(
            "The sender showed the place of tip No. {number}: somebody else answers there.", number=facts["number"]
        )
    lines = [text]
    if facts.get("to"):
        lines.append(_("Now with: {holder}.", holder=Bilingual(*facts["to"])))
    return Reply("\n".join(lines), [[choose("Tips in work", Card(do="list"))]])


def roster_changed(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """To who is off, and to who stands in."""
    facts = delivery.facts
    days = {name: day(date.fromisoformat(facts[name])) for name in ("first_day", "last_day")}
    other = Bilingual(facts["officer"]["kk"], facts["officer"]["ru"]) if facts.get("officer") else None
    match facts["what"]:
        case "substitute":
            text = _("You stand in for: {officer}. Days: {first_day} – {last_day}.", officer=other, **days)
        case "substitute_cancelled":
            text = _(
                "You do not stand in any more for: {officer}. Days: {first_day} – {last_day}.", officer=other, **days
            )
        case "away_cancelled":
            text = _("Your absence is cancelled. Days: {first_day} – {last_day}.", **days)
        case _:
            text = _("You are marked as absent. Days: {first_day} – {last_day}.", **days)
            last = (
                _("Your new tips go to: {officer}.", officer=other)
                if other
                else _("Nobody stands in for you: new tips go to the duty unit.")
            )
            text = "\n".join([text, last])
    return Reply(text, [[choose("Menu", Open(what="menu"))]])
