"""The words of notices: made when they are sent, in the language the person has then."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, as_line, as_list

from bot.i18n import Bilingual, _, moment, speaking
from bot.services.deliveries import Delivery
from bot.services.tips import TipView
from bot.speech import Reply, choose, column, from_facts, pair
from bot.speech.calls import Card, Open
from bot.speech.cards import card_reply, progress_reply, rating_choices
from bot.terms import Language, NoticeKind


def word(delivery: Delivery, zone: ZoneInfo) -> Reply:
    """Raises KeyError for a kind without words: a test walks them all."""
    with speaking(delivery.language or Language.KK):
        return _WORDS[delivery.kind](delivery, zone)


def _tip(delivery: Delivery) -> TipView:
    if delivery.tip is None:
        raise KeyError(delivery.kind)
    return delivery.tip


def _tip_sent(delivery: Delivery, zone: ZoneInfo) -> Reply:
    tip = _tip(delivery)
    if tip.due_at is None:
        text = _("Thank you! Your tip is accepted. Number: {number}.", number=tip.number)
    else:
        text = _(
            "Thank you! Your tip is accepted. Number: {number}. Answer due: {due}."
            " If you have something to add, write it right here.",
            number=tip.number,
            due=moment(tip.due_at, zone),
        )
    formal = _(
        "This message is not a formal statement. To make one, call 102, write to the “Law and Order” service"
        " in the eGov Mobile app or come to the police division."
    )
    return Reply(f"{text}\n\n{formal}", column(choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))))


def _tip_taken(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    officer = str(delivery.officer.title) if delivery.officer else ""
    return Reply(
        _("Work on tip No. {number} has begun. Inspector: {officer}.", number=_tip(delivery).number, officer=officer)
    )


def _said(delivery: Delivery) -> str:
    return delivery.part.text if delivery.part else ""


def _tip_question(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    text = _(
        "The inspector's question about tip No. {number}:\n{text}\nWrite your answer right here.",
        number=_tip(delivery).number,
        text=_said(delivery),
    )
    return Reply(text, open=True, media_id=delivery.media.id if delivery.media else None)


def _tip_answer(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    text = _("The inspector's answer to tip No. {number}:\n{text}", number=_tip(delivery).number, text=_said(delivery))
    return Reply(text, open=True, media_id=delivery.media.id if delivery.media else None)


def _tip_closed(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = _tip(delivery)
    text = _(
        "Tip No. {number} is closed. Outcome: {outcome}.\n{text}",
        number=tip.number,
        outcome=tip.outcome or "",
        text=_said(delivery),
    )
    ask = _("Rate the answer: 1 is very bad, 5 is very good.")
    media_id = delivery.media.id if delivery.media else None
    # Named, not numbered: who is asked for 1 to 5 answers 1 to 5.
    return Reply(f"{text}\n\n{ask}", rating_choices(tip.id), open=True, media_id=media_id)


def _card(delivery: Delivery, zone: ZoneInfo) -> Reply:
    tip = _tip(delivery)
    if not delivery.facts.get("informed"):
        return card_reply(tip, zone)
    lines = [
        as_line(Bold(f"№ {tip.number}"), " · ", str(tip.category.label), end=""),
        _("For your information: the duty unit has this tip."),
    ]
    if tip.place:
        lines.append(pair(_("Place of the event"), tip.place))
    return Reply(as_list(*lines))


def _card_part(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip, media = _tip(delivery), delivery.media
    head = _("Tip No. {number}: a file", number=tip.number)
    if media is None or media.state != "stored":
        return Reply("\n".join([head, _("The file could not be fetched from the messenger.")]))
    caption = _said(delivery)
    return Reply(f"{head}\n{caption}" if caption else head, media_id=media.id)


def _card_added(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = _tip(delivery)
    head = as_line(Bold(_("Tip No. {number}: the sender added", number=tip.number)), end="")
    return Reply(as_list(head, _said(delivery)), [[choose("Open the card", Card(do="show", tip=tip.id))]])


def _card_rated(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = _tip(delivery)
    return Reply(
        _("Tip No. {number}: the sender rated the answer {rating} of 5.", number=tip.number, rating=tip.rating)
    )


def _warning(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    if delivery.warning is None:
        raise KeyError(delivery.kind)
    text = warning_text(delivery.warning.text, delivery.warning.code, delivery.language)
    return Reply(text, media_id=delivery.warning.media_id)


def warning_text(text: Bilingual, code: str, language: Language | None) -> str:
    """As it reaches a resident in his language, or a group in both, Kazakh first. The preview shows this same text."""
    parts = []
    for one in (language,) if language else (Language.KK, Language.RU):
        with speaking(one):
            proof = _("Police warning {code}", code=code)
        parts.append("\n\n".join([text.of(one), proof]) if code else text.of(one))
    return "\n\n— — —\n\n".join(parts)


def _warning_progress(delivery: Delivery, zone: ZoneInfo) -> Reply:
    if delivery.warning is None or delivery.progress is None:
        raise KeyError(delivery.kind)
    return progress_reply(delivery.warning, delivery.progress, zone)


def _campaign_gone(delivery: Delivery, zone: ZoneInfo) -> Reply:
    at = moment(datetime.fromisoformat(delivery.facts["at"]), zone)
    title = delivery.facts.get("title", "")
    if delivery.facts.get("problem") == "missed":
        text = _("The campaign “{title}” did not go at {at}: the program was down too long.", title=title, at=at)
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
    texts = {
        "parked": _("An incoming message was put aside after three failed tries: {what}"),
        "unheld": _("Tip No. {what} lies in a queue where nobody has an account yet."),
        "channel": _("A messenger refuses to work: {what}"),
    }
    text = texts.get(delivery.facts.get("alarm", ""), "{what}").format(what=delivery.facts.get("what", ""))
    return Reply(f"⚠️ {text}")


def _stopped(_delivery: Delivery, _zone: ZoneInfo) -> Reply:
    return Reply(
        _("Stopped. We will not write to you any more. To begin again, write START. If there is danger, call 102.")
    )


_WORDS: dict[NoticeKind, Callable[[Delivery, ZoneInfo], Reply]] = {
    NoticeKind.TIP_SENT: _tip_sent,
    NoticeKind.TIP_TAKEN: _tip_taken,
    NoticeKind.TIP_QUESTION: _tip_question,
    NoticeKind.TIP_ANSWER: _tip_answer,
    NoticeKind.TIP_CLOSED: _tip_closed,
    NoticeKind.CARD: _card,
    NoticeKind.CARD_PART: _card_part,
    NoticeKind.CARD_ADDED: _card_added,
    NoticeKind.CARD_RATED: _card_rated,
    NoticeKind.WARNING: _warning,
    NoticeKind.WARNING_PROGRESS: _warning_progress,
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
        if delivery.officer is not None:
            facts["officer"] = str(delivery.officer.title)
        if delivery.warning is not None:
            facts["text"] = str(delivery.warning.text)
            facts["code"] = delivery.warning.code
        if delivery.part is not None:
            facts["text"] = _said(delivery)
    return {
        name: " • ".join(" ".join(line.split()) for line in value.splitlines() if line.strip())
        for name, value in facts.items()
    }
