"""What an approver and an author are told of a warning or a campaign that needs a second officer."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.i18n import Bilingual, _, moment
from bot.services.deliveries import Delivery
from bot.services.warnings import IN_TIME, WarningView
from bot.speech import Reply, choose
from bot.speech.calls import Plan, Review, Warn
from bot.speech.drafts import quoted_title


def urgency_words(reason: str) -> str:
    return _("Urgent: it goes at once, at night too. Reason: {reason}", reason=reason)


def doubt_words(*, repeats: bool) -> str:
    """What becomes of a message of which nobody can tell whether it arrived."""
    if repeats:
        return _("If Telegram does not tell whether a message arrived, it is sent again: somebody may get it twice.")
    return _("If Telegram does not tell whether a message arrived, it is not sent again: somebody may miss it.")


def as_it_is(text: Bilingual) -> str:
    return "\n\n".join([_("As it is now:"), text.kk, "— — —", text.ru])


def as_it_will_be(text: Bilingual) -> str:
    return "\n\n".join([_("As it will be:"), text.kk, "— — —", text.ru])


def told_words(now: Bilingual, then: Bilingual) -> str:
    """Whom a correction is told to: nobody is disturbed for a text he does not read."""
    if now.kk != then.kk and now.ru != then.ru:
        return _("Both texts change: everybody who has the warning gets the new one, marked as corrected.")
    if now.kk != then.kk:
        return _(
            "Only the Kazakh text changes: those who read Kazakh and the groups get it, marked as corrected. Those who"
            " read Russian are not disturbed."
        )
    return _(
        "Only the Russian text changes: those who read Russian and the groups get it, marked as corrected. Those who"
        " read Kazakh are not disturbed."
    )


def until_words(warning: WarningView, zone: ZoneInfo) -> str:
    return holds_until(warning.expires_at, zone) if warning.expires_at is not None else ""


def holds_until(ends: datetime, zone: ZoneInfo) -> str:
    """The end of a day is said as that day's last minute: nobody means the next day by it."""
    last = ends - timedelta(minutes=1) if ends.astimezone(zone).time() == time() else ends
    return _("It holds until {at}; after that nobody gets it any more.", at=moment(last, zone))


def _officer(delivery: Delivery) -> Bilingual:
    return Bilingual(delivery.facts.get("kk", "–"), delivery.facts.get("ru", "–"))


def campaign_title(delivery: Delivery) -> str:
    told = delivery.facts.get("title", "")
    if not isinstance(told, dict):
        return str(told)  # promised by an older version: Russian
    return quoted_title(Bilingual(**told))


def review_facts(delivery: Delivery) -> dict[str, str]:
    """For a template: what it is about and who wrote it, or who decided."""
    warning = delivery.warning
    title = quoted_title(warning.text) if warning is not None else campaign_title(delivery)
    return {"text": title, "officer": str(_officer(delivery))}


def warning_review(delivery: Delivery, zone: ZoneInfo) -> Reply:
    if "campaign" in delivery.facts:
        title, officer = campaign_title(delivery), _officer(delivery)
        text = _(
            "The campaign “{title}” waits for a second officer. Planned by: {officer}.", title=title, officer=officer
        )
        look = Review(do="show", what="campaign", id=delivery.facts["campaign"])
        return Reply(text, [[choose("Look and decide", look)]])
    warning = delivery.warning
    if warning is None:
        raise KeyError(delivery.kind)
    if "correction" in delivery.facts:
        text = _(
            "A correction of the warning “{title}” waits for a second officer. Written by: {officer}. Until then"
            " people have the old text.",
            title=quoted_title(warning.published),
            officer=_officer(delivery),
        )
        look = Review(do="show", what="correction", id=delivery.facts["correction"])
        return Reply(text, [[choose("Look and decide", look)]])
    lines = [
        _(
            "The warning “{title}” waits for a second officer. Written by: {officer}.",
            title=quoted_title(warning.text),
            officer=_officer(delivery),
        )
    ]
    if warning.is_urgent:
        lines.append(urgency_words(warning.reason))
    lines.append(until_words(warning, zone))
    return Reply("\n".join(lines), [[choose("Look and decide", Review(do="show", id=warning.id))]])


def warning_returned(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    officer = _officer(delivery)
    if "campaign" in delivery.facts:
        text = _(
            "The campaign “{title}” came back to you and does not go. Decision: {officer}. Reason:\n{reason}",
            title=campaign_title(delivery),
            officer=officer,
            reason=delivery.facts.get("reason", ""),
        )
        again = Plan(do="again", id=delivery.facts["campaign"])
        return Reply(text, [[choose("Open it again", again)]])
    warning = delivery.warning
    if warning is None:
        raise KeyError(delivery.kind)
    if "correction" in delivery.facts:
        return correction_returned(delivery, warning)
    if warning.stop_reason == IN_TIME:
        text = _(
            "Nobody approved the warning “{title}” in time: it did not go. All you have written is kept.",
            title=quoted_title(warning.text),
        )
    else:
        text = _(
            "The warning “{title}” came back to you and does not go. Decision: {officer}. Reason:\n{reason}",
            title=quoted_title(warning.text),
            officer=officer,
            reason=warning.returned_reason,
        )
    return Reply(text, [[choose("Open it again", Warn(do="reopen", id=warning.id))]])


def correction_returned(delivery: Delivery, warning: WarningView) -> Reply:
    title = quoted_title(warning.published)
    if "reason" in delivery.facts:
        text = _(
            "The correction of the warning “{title}” came back to you and does not go. Decision: {officer}. Reason:\n"
            "{reason}",
            title=title,
            officer=_officer(delivery),
            reason=delivery.facts["reason"],
        )
    else:
        text = _("Nobody approved the correction of the warning “{title}” in time: it did not go.", title=title)
    anew = choose("Write it anew", Warn(do="correct", id=warning.id))
    return Reply(text, [[anew, choose("Back to the warning", Warn(do="show", id=warning.id))]])
