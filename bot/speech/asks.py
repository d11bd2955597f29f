"""What its sender is asked after a tip was closed, and what its holder hears of its clocks."""

from zoneinfo import ZoneInfo

from bot.i18n import Bilingual, _, moment
from bot.services.deliveries import Delivery
from bot.services.tips import TipView
from bot.speech import Choice, Reply, choose, column
from bot.speech.calls import After, Card, Mine, Quoted
from bot.speech.groups import outcome_words


def tip_of(delivery: Delivery) -> TipView:
    if delivery.tip is None:
        raise KeyError(delivery.kind)
    return delivery.tip


def said_in(delivery: Delivery) -> str:
    return delivery.part.text if delivery.part else ""


def solved_ask(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """Where somebody may look over the shoulder nothing tells what the number stands for."""
    tip = tip_of(delivery)
    if tip.category.is_discreet:
        text = _("No. {number}: is everything all right now? Answer when it is convenient for you.", number=tip.number)
    else:
        text = _("Is the problem from tip No. {number} solved?", number=tip.number)
    yes, no = After(do="solved", tip=tip.id), After(do="unsolved", tip=tip.id)
    return Reply(text, [[choose("Yes", yes), choose("No", no)]])


def back_ask(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = tip_of(delivery)
    stays, back = After(do="stays", tip=tip.id), After(do="back", tip=tip.id)
    if tip.category.is_discreet:
        text = _(
            "No. {number}: is everything still all right? Answer when it is convenient for you.", number=tip.number
        )
        return Reply(text, [[choose("Yes", stays), choose("No", back)]])
    text = _("Tip No. {number} was closed two weeks ago. Has the problem come back?", number=tip.number)
    return Reply(text, [[choose("Yes", back), choose("No", stays)]])


def reopened_words(tip: TipView, zone: ZoneInfo) -> str:
    due = moment(tip.promised_at, zone) if tip.promised_at else "–"
    if tip.category.is_discreet:
        return _("No. {number} is open again. New time: {due}.", number=tip.number, due=due)
    if tip.reopened > 1 and not tip.is_restricted:
        return _(
            "Tip No. {number} is open again and was passed one level up. New time: {due}.", number=tip.number, due=due
        )
    return _(
        "Tip No. {number} is open again. New time: {due}. Write what is still not solved.", number=tip.number, due=due
    )


def card_time(delivery: Delivery, zone: ZoneInfo) -> Reply:
    """As things stand when it is sent."""
    tip = tip_of(delivery)
    due = moment(tip.promised_at, zone) if tip.promised_at else "–"
    what = delivery.facts.get("what")
    if what == "no_reply":
        text = _(
            "Tip No. {number}: the sender has not answered for two weeks. You may close it as not answered.",
            number=tip.number,
        )
    elif what == "outcome":
        text = _(
            "⏳ Tip No. {number}: the outcome is due {due}. After that the tip moves one rung up.",
            number=tip.number,
            due=due,
        )
    else:
        text = _(
            "⏳ Tip No. {number}: the answer is due {due}. After that the tip moves one rung up.",
            number=tip.number,
            due=due,
        )
    return Reply(text, [[choose("Open the card", Card(do="show", tip=tip.id))]])


def tip_question(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    text = _(
        "The inspector's question about tip No. {number}:\n{text}\nWrite your answer right here.",
        number=tip_of(delivery).number,
        text=said_in(delivery),
    )
    if delivery.facts.get("again"):
        text = "\n".join([_("We are still waiting for your answer."), text])
    return Reply(text, open=True, media_id=delivery.media.id if delivery.media else None)


def card_rated(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip = tip_of(delivery)
    rating = delivery.facts.get("rating", tip.rating)  # as it was given: a reopened tip has none
    text = _("Tip No. {number}: the sender rated the answer {rating} of 5.", number=tip.number, rating=rating)
    return Reply("\n".join(words for words in (text, said_in(delivery)) if words))


# -- groups


def quote_ask(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """The words were put beside it when it was sent: a refusal has taken them away."""
    facts = delivery.facts
    text = _(
        "A neighbour in the group “{chat}” asks to tell the police what you wrote:\n{text}\nNothing leaves the group"
        " without your consent. If you agree, it becomes your own tip: you choose whether your name is shown. Without"
        " an answer the words are deleted in a day.",
        chat=facts.get("chat", ""),
        text=facts.get("words", ""),
    )
    quote = int(facts.get("quote", 0))
    yes, no = Quoted(do="yes", id=quote), Quoted(do="no", id=quote)
    return Reply(text, column(choose("Yes, begin a tip", yes), choose("No, do not pass it on", no)))


def group_outcome(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """From its own facts alone: nothing of the tip itself is at hand."""
    facts = delivery.facts
    return Reply(outcome_words(Bilingual(*facts["category"]), Bilingual(*facts["outcome"])))


# -- rating


def rating_choices(tip: TipView) -> list[list[Choice]]:
    """The five official steps by their names."""
    steps = (
        choose("1 – very bad", Mine(do="rate", tip=tip.id, rating=1)),
        choose("2 – bad", Mine(do="rate", tip=tip.id, rating=2)),
        choose("3 – satisfactory", Mine(do="rate", tip=tip.id, rating=3)),
        choose("4 – good", Mine(do="rate", tip=tip.id, rating=4)),
        choose("5 – very good", Mine(do="rate", tip=tip.id, rating=5)),
    )
    again = [choose("Not solved", Mine(do="reopen", tip=tip.id))] if tip.can_reopen and tip.state != "confirmed" else []
    return column(*steps, *again)


def rate_words() -> str:
    return _("Rate the answer: 1 is very bad, 5 is very good.")
