"""Where it happened, as its sender told it, for those who work with the tip and for himself."""

from bot.i18n import _
from bot.services.tips import TipView
from bot.terms import Urgency


def scene_words(tip: TipView) -> str:
    """For officers. Empty where nothing at all is known.

    Out of danger nobody has chosen his own precinct: it is only where the duty unit may begin to look."""
    if tip.place or tip.own_area is None:
        return tip.place
    if tip.urgency is Urgency.U0:
        return _("not told; the sender's own precinct: {area}", area=tip.own_area)
    return _("in the sender's own precinct ({area}); the exact place is not told", area=tip.own_area)


def own_scene_words(tip: TipView) -> str:
    """For its sender."""
    if tip.place or not tip.point:
        is_chosen = not tip.place and tip.own_area is not None and tip.urgency is not Urgency.U0
        return _("In my precinct") if is_chosen else tip.place
    return f"📍 {tip.point[0]:.5f}, {tip.point[1]:.5f}"
