"""How a tip, a warning's progress and their buttons look to those who work with them."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Text, as_line, as_list

from bot.errors import N_
from bot.i18n import _, moment, ngettext, number
from bot.services.tips import TipView
from bot.services.warnings import Progress, Reach, WarningView
from bot.speech import Choice, Reply, choose, column, pair, rows
from bot.speech.calls import Card, Mine, Warn
from bot.terms import Identity, StateType, WarningState

STORY_SHOWN = 2500
STORY_PIECE = 3500


def tip_card(tip: TipView, zone: ZoneInfo) -> Text:
    """The card of the holder. The sender's words are data: shown as they are, never parsed."""
    lines: list[Text | str] = [
        as_line(Bold(f"№ {tip.number}"), " · ", str(tip.category.label), end=""),
        as_line(_("Urgency"), ": ", _urgency(tip), end=""),
        as_line(_("Status"), ": ", str(tip.state_name), end=""),
        as_line(_("From"), ": ", _sender(tip), end=""),
    ]
    if tip.place:
        lines.append(as_line(_("Place of the event"), ": ", tip.place, end=""))
    if tip.point:
        lines.append(f"🗺 https://www.openstreetmap.org/?mlat={tip.point[0]:.5f}&mlon={tip.point[1]:.5f}#map=17")
    lines.append(pair(_("Received"), moment(tip.created_at, zone)))
    if tip.due_at and tip.state_type is not StateType.CLOSED:
        lines.append(pair(_("Answer due"), moment(tip.due_at, zone)))
    files = sum(1 for part in tip.parts if part.media_id and not part.by_officer)
    if files:
        lines.append(pair(_("Files"), number(files)))
    story = tip.story
    if story:
        shown = story if len(story) <= STORY_SHOWN else story[:STORY_SHOWN] + "…"
        lines += ["", shown]
    return as_list(*lines)


def _urgency(tip: TipView) -> str:
    names = {
        "U0": _("Now: 102 / 112"), "U1": _("Urgent"), "U2": _("Today"), "U3": _("As planned"), "U4": _("Information"),
    }  # fmt: skip
    return names[tip.urgency.value]


def _sender(tip: TipView) -> str:
    if tip.identity is Identity.NAMED:
        return tip.sender
    return " · ".join([tip.sender, _("without a name")])


def card_reply(tip: TipView, zone: ZoneInfo, *, replaces: bool = False) -> Reply:
    return Reply(tip_card(tip, zone), card_choices(tip), replaces=replaces)


def whole_card(tip: TipView, zone: ZoneInfo) -> Reply:
    """The card, and behind it what of a long story does not fit on it."""
    rest = tip.story[STORY_SHOWN:]
    behind: Reply | None = None
    for start in reversed(range(0, len(rest), STORY_PIECE)):
        behind = Reply(f"№ {tip.number} …{rest[start : start + STORY_PIECE]}", then=behind)
    return replace(card_reply(tip, zone), then=behind)


def card_choices(tip: TipView) -> list[list[Choice]]:
    if tip.state_type is StateType.CLOSED:
        return column(choose("Tips in work", Card(do="list")))
    choices = []
    if len(tip.story) > STORY_SHOWN:
        choices.append(choose("Whole text", Card(do="show", tip=tip.id)))
    if tip.desk_id is not None or tip.state in ("routed", "reopened", "handed_over", "new"):
        choices.append(choose("Take into work", Card(do="take", tip=tip.id)))
    choices += [
        choose("Ask a question", Card(do="ask", tip=tip.id)),
        choose("Answer the sender", Card(do="answer", tip=tip.id)),
        choose("Close", Card(do="close", tip=tip.id)),
    ]
    return rows(choices)


def rating_choices(tip_id: int) -> list[list[Choice]]:
    stars = [Choice(f"{'⭐' if n == 5 else ''}{n}", Mine(do="rate", tip=tip_id, rating=n).pack()) for n in range(1, 6)]
    return [stars, [choose("Not solved", Mine(do="reopen", tip=tip_id))]]


REASONS = {
    "blocked": N_("They blocked the bot"),
    "left": N_("The bot was removed from the group"),
    "dead": N_("The account or group no longer exists"),
    "stopped": N_("They asked to be sent nothing (STOP)"),
    "no_template": N_("WhatsApp allows no free text now and there is no approved template"),
    "unknown": N_("The messenger gave no answer: it may have arrived"),
    "expired": N_("The time of the warning was over"),
    "not_on_whatsapp": N_("This number is not on WhatsApp"),
    "unreachable": N_("The messenger could not be reached"),
}


CODES = {  # what Twilio's reports of failure say (its error dictionary)
    "63003": "not_on_whatsapp", "63024": "not_on_whatsapp", "63032": "not_on_whatsapp",
    "63014": "blocked", "21610": "blocked",
    "63016": "no_template",
}  # fmt: skip


def reason_words(reason: str) -> str:
    """Why somebody was not reached. Provider codes we have no words for are shown as they are."""
    msgid = REASONS.get(CODES.get(reason, reason))
    return _(msgid) if msgid else _("Refused by the messenger ({code})", code=reason)


def reach_words(reach: Reach) -> str:
    lines = [
        ngettext("{n} group chat", "{n} group chats", reach.chats),
        ngettext("{n} resident on Telegram", "{n} residents on Telegram", reach.telegram),
        ngettext("{n} resident on WhatsApp", "{n} residents on WhatsApp", reach.whatsapp),
    ]
    if reach.unreachable:
        lines.append(pair(_("Cannot be reached now"), number(reach.unreachable)))
    return "\n".join(f"• {line}" for line in lines)


def progress_reply(warning: WarningView, progress: Progress, zone: ZoneInfo) -> Reply:
    """What the author watches; the message is edited while it moves."""
    states = {
        WarningState.SPREADING: _("Being prepared"),
        WarningState.SENDING: _("Being sent"),
        WarningState.PAUSED: _("Paused"),
        WarningState.DONE: _("Sent to everyone it concerns"),
        WarningState.CANCELLED: _("Cancelled"),
        WarningState.DRAFT: _("Draft"),
    }
    title = str(warning.text).splitlines()[0][:80]
    lines: list[Text | str] = [
        as_line(Bold(_("Warning {code}", code=warning.code)), ": ", title, end=""),
        pair(_("Status"), states[warning.state]),
    ]
    if warning.due_at and progress.waiting and not progress.sent:
        lines.append(pair(_("Goes at"), moment(warning.due_at, zone)))
    lines += [
        pair(_("Prepared"), number(progress.prepared)),
        pair(_("Sent"), number(progress.sent)),
        pair(_("Of them delivered (WhatsApp tells)"), number(progress.delivered)),
        pair(_("Waiting"), number(progress.waiting)),
    ]
    lost = sum(progress.failed.values())
    if lost:
        lines.append(pair(_("Not reached"), number(lost)))
        lines += [f"• {reason_words(reason)}: {number(count)}" for reason, count in sorted(progress.failed.items())]
    if progress.lost_chats:
        lines.append(pair(_("Groups not reached"), ", ".join(progress.lost_chats)))
    return Reply(as_list(*lines), steering_choices(warning))


def steering_choices(warning: WarningView) -> list[list[Choice]]:
    if warning.state in (WarningState.DONE, WarningState.CANCELLED, WarningState.DRAFT):
        return []
    pause = (
        choose("Go on sending", Warn(do="resume", id=warning.id))
        if warning.state is WarningState.PAUSED
        else choose("Pause", Warn(do="pause", id=warning.id))
    )
    return [[pause, choose("Cancel the warning", Warn(do="stop", id=warning.id))]]
