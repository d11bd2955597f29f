"""Pages and buttons of handing a tip over."""

from collections.abc import Sequence

from bot.i18n import Bilingual, _
from bot.services.tips import Destination, TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, pages
from bot.speech.calls import Hand

PAGE = 6


def listed(tip: TipView, choices: Sequence[Choice], page: int, turn: Hand, more: Sequence[Choice] = ()) -> Reply:
    """One page of places the tip may go to."""
    text = _("Where shall tip No. {number} go?", number=tip.number)
    shown = paged(choices, page, turn)
    if more:
        shown.append([*more])
    return Reply(text, [*shown, [back(tip), cancel(tip)]], replaces=True)


def paged(choices: Sequence[Choice], page: int, turn: Hand) -> list[list[Choice]]:
    """`turn` with the number of a page as its id opens that page."""
    return pages.paged(choices, page, PAGE, lambda n: turn.model_copy(update={"id": n}))


def back(tip: TipView) -> Choice:
    """To the question where it shall go."""
    return choose("Back", Hand(do="where", tip=tip.id))


def cancel(tip: TipView) -> Choice:
    return choose("Cancel", Hand(do="cancel", tip=tip.id))


async def name_of(unit: Unit, to: Destination) -> Bilingual | str:
    if to.precinct_id is not None:
        return (await unit.territory.precinct(to.precinct_id)).name
    if to.desk_id is not None:
        return (await unit.territory.desk(to.desk_id)).name
    return _("One rung up")
