"""The words of notices: made when they are sent, in the language the person has then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Text, as_line, as_list

from bot.errors import FileNotTaken, FileOnItsWay, NotAllowed, NotFound
from bot.i18n import Bilingual, _, moment, ngettext, number, speaking
from bot.services.deliveries import Delivery
from bot.speech import Reply, choose, column, from_facts, pair
from bot.speech.added import card_added, card_part
from bot.speech.alarms import alarm_words
from bot.speech.asks import (
    back_ask,
    card_rated,
    card_time,
    group_outcome,
    quote_ask,
    rate_words,
    rating_choices,
    said_in,
    solved_ask,
    tip_of,
    tip_question,
)
from bot.speech.calls import Open
from bot.speech.cards import card_reply
from bot.speech.cautions import formal_words
from bot.speech.discreet import NEWS, discreet_words, without_content
from bot.speech.files import file_refused, point_ask
from bot.speech.moves import card_left, roster_changed, tip_moved
from bot.speech.progress import progress_reply
from bot.speech.published import change_text, change_words, warning_text
from bot.speech.receipts import receipt_words
from bot.speech.reviews import campaign_title, review_facts, warning_returned, warning_review
from bot.speech.scene import scene_words
from bot.terms import Language, NoticeKind, Urgency


def word(delivery: Delivery, zone: ZoneInfo) -> Reply:
    """Raises KeyError for a kind without words: a test walks them all."""
    if delivery.language is None and not delivery.is_group and delivery.kind is not NoticeKind.LATE_REPLY:
        return _in_both(delivery, zone)
    with speaking(delivery.language or Language.KK):
        return discreet_words(delivery, zone) or _WORDS[delivery.kind](delivery, zone)


def _in_both(delivery: Delivery, zone: ZoneInfo) -> Reply:
    """To a person who has not chosen a language yet: Kazakh first, Russian under it."""
    first, second = (word(replace(delivery, language=language), zone) for language in (Language.KK, Language.RU))
    return replace(first, text=Text(first.text, "\n\n", second.text), is_bilingual=True)


def _tip_sent(delivery: Delivery, zone: ZoneInfo) -> Reply:
    tip = tip_of(delivery)
    if delivery.facts.get("later"):
        text = _(
            "About your message No. {number}: if you have something to add, write it right here."
            " If there is still danger, call 102 or 112.",
            number=tip.number,
        )
    elif tip.due_at is None:
        text = _("Thank you! Your tip is accepted. Number: {number}.", number=tip.number)
    else:
        text = _(
            "Thank you! Your tip is accepted. Number: {number}. Answer due: {due}."
            " If you have something to add, write it right here.",
            number=tip.number,
            due=moment(tip.due_at, zone),
        )
    if code := str(delivery.facts.get("code", "")):
        text = "\n\n".join([text, receipt_words(code)])
    if tip.is_restricted:
        text = "\n\n".join([text, _("Only the own-security unit will see this tip.")])
    elif tip.outside_metres is not None:
        outside = _(
            "The place is outside the territory of the department, {metres} m from it: the duty unit has your tip.",
            metres=number(round(tip.outside_metres)),
        )
        text = f"{text}\n\n{outside}"
    return Reply(
        f"{text}\n\n{formal_words()}", column(choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu")))
    )


def _tip_taken(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """With the department's own words for this step under it, as they were when it was taken."""
    officer = str(delivery.officer.title) if delivery.officer else ""
    text = _(
        "Work on tip No. {number} has begun. Inspector: {officer}.", number=tip_of(delivery).number, officer=officer
    )
    words = delivery.facts.get("words")
    return Reply(f"{text}\n\n{Bilingual(words['kk'], words['ru'])}" if words else text)


def _tip_joined(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """Neutral whoever reads over the shoulder: neither what it is about nor that others have written."""
    text = _("Work on tip No. {number} goes on. The answer will come to you here.", number=tip_of(delivery).number)
    return Reply(text, [[choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))]])


def _tip_answer(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    text = _(
        "The inspector's answer to tip No. {number}:\n{text}", number=tip_of(delivery).number, text=said_in(delivery)
    )
    return Reply(text, open=True, media_id=delivery.media.id if delivery.media else None)


def _tip_closed(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = tip_of(delivery)
    text = _(
        "Tip No. {number} is closed. Outcome: {outcome}.\n{text}",
        number=tip.number,
        outcome=tip.outcome or "",
        text=said_in(delivery),
    )
    media_id = delivery.media.id if delivery.media else None
    # Named, not numbered: who is asked for 1 to 5 answers 1 to 5.
    return Reply(f"{text}\n\n{rate_words()}", rating_choices(tip), open=True, media_id=media_id)


def _card(delivery: Delivery, zone: ZoneInfo) -> Reply:
    tip = tip_of(delivery)
    if not delivery.facts.get("informed"):
        return card_reply(tip, zone)
    lines = [
        as_line(Bold(f"№ {tip.number}"), " · ", str(tip.category.label), end=""),
        _("For your information: the duty unit has this tip.")
        if tip.urgency is Urgency.U0 or tip.holder is None
        else _("For your information: this tip is with {holder}.", holder=tip.holder),
    ]
    if (scene := scene_words(tip)) and not tip.is_brief:
        lines.append(pair(_("Place of the event"), scene))
    return Reply(as_list(*lines))


def _warning(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    if delivery.warning is None:
        raise KeyError(delivery.kind)
    text = warning_text(delivery.warning.published, delivery.warning.code, delivery.language)
    return Reply(text, media_id=delivery.warning.media_id)


def _warning_change(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """Words alone: where the message can be edited its picture stays, and nobody needs it twice."""
    if delivery.warning is None:
        raise KeyError(delivery.kind)
    return Reply(change_text(delivery.warning, delivery.language))


def _warning_progress(delivery: Delivery, zone: ZoneInfo) -> Reply:
    if delivery.warning is None or delivery.progress is None:
        raise KeyError(delivery.kind)
    return progress_reply(delivery.warning, delivery.progress, zone, delivery.officer)


def _campaign_gone(delivery: Delivery, zone: ZoneInfo) -> Reply:
    at = moment(datetime.fromisoformat(delivery.facts["at"]), zone)
    title = campaign_title(delivery)
    times = int(delivery.facts.get("times", 1))
    if by := delivery.facts.get("approved"):
        text = _(
            "The campaign “{title}” is approved by {officer}. It goes first at {at}.",
            title=title,
            officer=Bilingual(**by),
            at=at,
        )
    elif delivery.facts.get("problem") == "missed" and times > 1:
        text = ngettext(
            "The campaign “{title}” did not go {n} time, first at {at}: the program was down too long.",
            "The campaign “{title}” did not go {n} times, first at {at}: the program was down too long.",
            times,
            title=title,
            at=at,
        )
    elif delivery.facts.get("problem") == "missed":
        text = _("The campaign “{title}” did not go at {at}: the program was down too long.", title=title, at=at)
    elif delivery.facts.get("problem") in (NotAllowed.__name__, NotFound.__name__):
        text = _(
            "The campaign “{title}” did not go at {at}: its author has no right to it any more.", title=title, at=at
        )
    elif delivery.facts.get("problem") in (FileNotTaken.__name__, FileOnItsWay.__name__):
        text = _("The campaign “{title}” did not go at {at}: its file cannot be sent.", title=title, at=at)
    else:
        text = _("The campaign “{title}” did not go at {at}: there was nobody to send it to.", title=title, at=at)
    return Reply(text, [[choose("Campaigns", Open(what="campaigns"))]])


def _late_reply(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    return from_facts(delivery.facts)


def _apology(_delivery: Delivery, _zone: ZoneInfo) -> Reply:
    return Reply(
        _("Sorry, something is not working now. Try again in a few minutes. If it is urgent, call 102."),
        [[choose("Menu", Open(what="menu"))]],
    )


def _alarm(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    mark = "✅" if delivery.facts.get("alarm") == "corrected" else "⚠️"
    return Reply(f"{mark} {alarm_words(delivery)}")


def _stopped(_delivery: Delivery, _zone: ZoneInfo) -> Reply:
    return Reply(
        _("Stopped. We will not write to you any more. To begin again, write START. If there is danger, call 102.")
    )


_WORDS: dict[NoticeKind, Callable[[Delivery, ZoneInfo], Reply]] = {
    NoticeKind.TIP_SENT: _tip_sent,
    NoticeKind.TIP_TAKEN: _tip_taken,
    NoticeKind.TIP_QUESTION: tip_question,
    NoticeKind.TIP_ANSWER: _tip_answer,
    NoticeKind.TIP_CLOSED: _tip_closed,
    NoticeKind.TIP_MOVED: tip_moved,
    NoticeKind.TIP_JOINED: _tip_joined,
    NoticeKind.CARD: _card,
    NoticeKind.CARD_PART: card_part,
    NoticeKind.CARD_ADDED: card_added,
    NoticeKind.CARD_RATED: card_rated,
    NoticeKind.CARD_LEFT: card_left,
    NoticeKind.CARD_TIME: card_time,
    NoticeKind.TIP_SOLVED_ASK: solved_ask,
    NoticeKind.TIP_BACK_ASK: back_ask,
    NoticeKind.TIP_POINT_ASK: point_ask,
    NoticeKind.FILE_REFUSED: file_refused,
    NoticeKind.QUOTE_ASK: quote_ask,
    NoticeKind.GROUP_OUTCOME: group_outcome,
    NoticeKind.ROSTER: roster_changed,
    NoticeKind.WARNING: _warning,
    NoticeKind.WARNING_PROGRESS: _warning_progress,
    NoticeKind.WARNING_CHANGE: _warning_change,
    NoticeKind.WARNING_REVIEW: warning_review,
    NoticeKind.WARNING_RETURNED: warning_returned,
    NoticeKind.CAMPAIGN_GONE: _campaign_gone,
    NoticeKind.LATE_REPLY: _late_reply,
    NoticeKind.APOLOGY: _apology,
    NoticeKind.ALARM: _alarm,
    NoticeKind.STOPPED: _stopped,
}


def template_facts(delivery: Delivery, zone: ZoneInfo) -> dict[str, str]:
    """Words for the variables of an approved template, by the names templates.toml uses. No line breaks (Meta)."""
    facts: dict[str, str] = {}
    with speaking(delivery.language or Language.KK):
        if delivery.tip is not None:
            facts["number"] = str(delivery.tip.number)
            facts["status"] = str(delivery.tip.state_name)
            facts["outcome"] = str(delivery.tip.outcome or "")
            facts["due"] = moment(delivery.tip.due_at, zone) if delivery.tip.due_at else "–"
            facts["holder"] = str(delivery.tip.holder or "")
        if delivery.officer is not None:
            facts["officer"] = str(delivery.officer.title)
        if delivery.warning is not None:
            is_change = delivery.kind is NoticeKind.WARNING_CHANGE
            facts["text"] = change_words(delivery.warning) if is_change else str(delivery.warning.published)
            facts["code"] = delivery.warning.code
        if delivery.kind in (NoticeKind.WARNING_REVIEW, NoticeKind.WARNING_RETURNED):
            facts |= review_facts(delivery)
        if delivery.kind is NoticeKind.ALARM:
            facts["text"] = alarm_words(delivery)
        if delivery.part is not None:
            facts["text"] = said_in(delivery)
        if delivery.tip is not None and delivery.tip.category.is_discreet and delivery.kind in NEWS:
            facts = without_content(facts, delivery.tip.number)
    return {name: one_line(value) for name, value in facts.items()}


def one_line(text: str) -> str:
    lines = " • ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    return lines.replace(": • ", ": ")
