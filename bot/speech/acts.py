"""The buttons of a card: only steps the table of states has next, at most six at once, the pressing ones first."""

from aiogram.filters.callback_data import CallbackData

from bot.i18n import _
from bot.services.tips import TipView
from bot.speech import Choice, Reply, choose, choose_named, rows
from bot.speech.calls import Card, Hand, Joint, Open, Past, Tell
from bot.terms import URGENT, Identity, StateType

MOST_BUTTONS = 6  # under one message
STORY_SHOWN = 2500  # characters of a story on its card


class Bar(CallbackData, prefix="bar"):
    """Blocking who sends, by the alias of a tip; a head lifts it."""

    do: str  # ask, yes, off
    tip: int
    code: str = ""


class Bundled(CallbackData, prefix="evid"):
    """The evidence of a tip as files, for its holder."""

    tip: int


def card_choices(tip: TipView) -> list[list[Choice]]:
    """The first of them, and «More» where there are more."""
    if tip.is_brief:
        return rows([*_brief(tip), to_list()])
    if tip.state_type is StateType.CLOSED:
        told = [choose("Tell the group", Tell(do="look", tip=tip.id))] if tip.may_tell_group else []
        return rows([_past(tip), _note(tip), *told, to_list()])
    acts = _acts(tip)
    if len(acts) <= MOST_BUTTONS:
        return rows(acts)
    return rows([*acts[: MOST_BUTTONS - 1], choose("More", Card(do="more", tip=tip.id))])


def more_reply(tip: TipView, page: int) -> Reply:
    """The rest, a page at a time; `page` counts from 0."""
    rest = _acts(tip)[MOST_BUTTONS - 1 :]
    shown = MOST_BUTTONS - 2  # «More» and the way back
    pages = max(1, -(-len(rest) // shown))
    page = page % pages
    choices = rest[page * shown : (page + 1) * shown]
    if pages > 1:
        choices.append(choose("More", Card(do="more", tip=tip.id, code=str((page + 1) % pages))))
    choices.append(choose("Back to the card", Card(do="show", tip=tip.id)))
    return Reply(_("What else can be done with tip No. {number}:", number=tip.number), rows(choices))


def to_list() -> Choice:
    return choose("Tips in work", Card(do="list"))


def tips_choices() -> list[list[Choice]]:
    return [[to_list(), choose("Menu", Open(what="menu"))]]


def _acts(tip: TipView) -> list[Choice]:
    """In the order they are needed: to take it before its time runs out, then to speak and to end it."""
    acts = _possible(tip)
    first = ("whole", "take", "hand", "aloud", "join", "answer", "close", "ask")
    if "take" not in acts or (tip.taken_at is not None and tip.state != "reopened"):
        first = ("whole", "answer", "ask", "close", "aloud", "join", "hand", "take")
    following = acts.pop("next")
    order = [*first, *(name for name in acts if name not in first)]
    found = [acts[name] for name in order if name in acts]
    return [*found[: MOST_BUTTONS - 2], following, *found[MOST_BUTTONS - 2 :]]


def _possible(tip: TipView) -> dict[str, Choice]:
    """By name, the later ones in the order they stand on further pages."""
    acts: dict[str, Choice] = {}
    legal = tip.steps.acts
    if len(tip.story) > STORY_SHOWN:
        acts["whole"] = choose("Whole text", Card(do="show", tip=tip.id))
    if _can_be_taken(tip):
        acts["take"] = choose("Take into work", Card(do="take", tip=tip.id))
    if tip.identity is not Identity.CUT:
        if "answer" in legal:
            acts["answer"] = choose("Answer the sender", Card(do="answer", tip=tip.id))
        if "ask" in legal:
            acts["ask"] = choose("Ask a question", Card(do="ask", tip=tip.id))
    if "close" in legal:
        acts["close"] = choose("Close", Card(do="close", tip=tip.id))
    if tip.urgency in URGENT:
        acts["aloud"] = choose("Read to the control centre", Card(do="aloud", tip=tip.id))
    if tip.alike:
        other = tip.alike[0]
        label = _("The same as № {number}: join", number=other.number)
        acts["join"] = Choice(label, Joint(do="join", tip=tip.id, other=other.tip_id).pack())
    if "hand_over" in legal and not tip.is_restricted:
        acts["hand"] = choose("Hand over", Hand(do="begin", tip=tip.id))
    acts["next"] = choose("Next tip", Card(do="next", tip=tip.id))
    acts |= {f"state_{state.code}": _to_state(tip, state.code) for state in tip.steps.states}
    if "hand_over" in legal and not tip.is_restricted:
        acts["misroute"] = choose("Not ours", Hand(do="begin", tip=tip.id, code="misroute"))
    acts["past"] = _past(tip)
    acts["note"] = _note(tip)
    if tip.point:
        acts["map"] = choose("Show on the map", Card(do="map", tip=tip.id))
    acts |= _joining(tip)
    if tip.evidence:
        acts["evidence"] = choose("Evidence as files", Bundled(tip=tip.id))
    if tip.identity is not Identity.CUT:
        acts["block"] = choose("Block the sender", Bar(do="ask", tip=tip.id))
    acts["why"] = choose("Why me?", Hand(do="why", tip=tip.id))
    return acts


def _can_be_taken(tip: TipView) -> bool:
    """By hand: his own in work is taken already, one that waits for its sender is taken by the answer."""
    return "take" in tip.steps.acts and not (tip.state == "taken" and tip.officer_id is not None)


def _to_state(tip: TipView, code: str) -> Choice:
    state = next(state for state in tip.steps.states if state.code == code)
    do = "close" if state.is_closing else "state"
    return choose_named(state.name, Card(do=do, tip=tip.id, code=code))


def _joining(tip: TipView) -> dict[str, Choice]:
    if tip.is_restricted:
        return {}
    choices = {"incident": choose("Join to an incident", Joint(do="choose", tip=tip.id))}
    if tip.incident is None:
        choices["open"] = choose("Open an incident", Joint(do="open", tip=tip.id))
    else:
        choices["leave"] = choose("Leave the incident", Joint(do="leave", tip=tip.id))
    return choices


def _brief(tip: TipView) -> list[Choice]:
    """Nothing that would bring the content, or words about it, into the messenger."""
    if tip.state_type is StateType.CLOSED:
        return []
    choices = []
    if _can_be_taken(tip):
        choices.append(choose("Take into work", Card(do="take", tip=tip.id)))
    if "hand_over" in tip.steps.acts and not tip.is_restricted:
        choices.append(choose("Hand over", Hand(do="begin", tip=tip.id)))
    choices.append(choose("Next tip", Card(do="next", tip=tip.id)))
    return choices


def _past(tip: TipView) -> Choice:
    return choose("The whole talk", Past(do="show", tip=tip.id))


def _note(tip: TipView) -> Choice:
    return choose("Note for colleagues", Past(do="note", tip=tip.id))
