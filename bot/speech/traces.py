"""Why somebody got a warning or did not, as a list of what speaks for and against."""

from zoneinfo import ZoneInfo

from bot.errors import N_
from bot.i18n import _, moment
from bot.services.warnings import Step, Trace, WarningView
from bot.speech import Reply, choose
from bot.speech.calls import Warn
from bot.speech.reasons import reason_words
from bot.terms import Messenger

STEPS = {
    "unknown_person": N_("Nobody with this number or account has written to the bot: there was nowhere to send it."),
    "subscribed": N_("Subscribed to these warnings"),
    "not_subscribed": N_("Not subscribed to these warnings"),
    "subscribed_later": N_("Subscribed only after the audience was fixed"),
    "stopped": N_("Asked to be sent nothing (STOP)"),
    "outside_audience": N_("Not among those the warning was meant for: another precinct, house, language or messenger"),
    "endpoint_closed": N_("Cannot be reached now. {reason}"),
    "prepared": N_("The message was prepared"),
    "change_prepared": N_("The recall or the correction was prepared"),
    "sent": N_("Sent ({messenger})"),
    "delivered": N_("Delivered to the phone"),
    "read": N_("Read"),
    "due": N_("Waits in the queue"),
    "due_because": N_("Waits in the queue. {reason}"),
    "sending": N_("Is being sent right now"),
    "unknown": N_("Not known: the messenger gave no answer, it may have arrived"),
    "failed": N_("Not sent. {reason}"),
    "skipped": N_("Not sent. {reason}"),
    "cancelled": N_("Not sent: the warning was cancelled or recalled, or the message was replaced by a newer one"),
    "expired": N_("Not sent: the time of the warning was over"),
    "no_notice": N_("No message was prepared for this person"),
    "group_got_it": N_("The warning is in the group “{title}” of the same precinct: it may have been read there"),
}
NAMES = {Messenger.TELEGRAM: "Telegram", Messenger.WHATSAPP: "WhatsApp"}


def step_words(step: Step, *, is_known: bool = True) -> str:
    what = step.what
    if not is_known:
        what = "unknown_person"
    elif what == "due" and step.facts.get("reason"):
        what = "due_because"
    facts = {name: str(value) for name, value in step.facts.items()}
    if "reason" in facts:
        facts["reason"] = reason_words(facts["reason"])
    if "messenger" in facts:
        facts["messenger"] = NAMES[Messenger(facts["messenger"])]
    return _(STEPS[what], **facts) if facts else _(STEPS[what])


def trace_reply(warning: WarningView, trace: Trace, zone: ZoneInfo) -> Reply:
    lines = [_("Warning {code}: what became of it for this person", code=warning.code), ""]
    for step in trace.steps:
        words = step_words(step, is_known=trace.is_known)
        at = moment(step.at, zone) if step.at is not None else ""
        lines.append(f"• {at}: {words}" if at else f"• {words}")
    again = choose("Ask about somebody else", Warn(do="why", id=warning.id))
    return Reply("\n".join(lines), [[again], [choose("Back to the warning", Warn(do="show", id=warning.id))]])
