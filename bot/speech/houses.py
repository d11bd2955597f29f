"""A warning for houses: which they are, who of them is reached, and who beside them is not."""

from bot.i18n import _, ngettext
from bot.services.houses import Houses
from bot.services.warnings import Audience, Reach

NAMED = 5  # places named in a sentence


def houses_words(houses: Houses) -> str:
    sides = {None: "", 0: _("even numbers"), 1: _("odd numbers")}
    runs = [f"{first}–{last} {sides[side]}".strip() for first, last, side in houses.runs]
    return f"{houses.street}: {', '.join([*runs, *houses.numbers])}"


def houses_lines(reach: Reach, audience: Audience) -> list[str]:
    """Who is meant by a house, and who is not: most people have told their precinct alone."""
    if not audience.houses:
        return []
    known = ngettext(
        "By their house: {n} subscriber who has told us to live there.",
        "By their house: {n} subscribers who have told us to live there.",
        reach.by_house,
    )
    lines = [f"🏠 {known}", *(house_groups(reach, audience) if audience.only != "people" else [])]
    if reach.beside_houses:
        lines.append(
            ngettext(
                "⚠️ {n} other subscriber of the precinct does not get it: their house is another one, or we do not know"
                " it. Choose the precinct too if it is for them as well.",
                "⚠️ {n} other subscribers of the precinct do not get it: their house is another one, or we do not know"
                " it. Choose the precinct too if it is for them as well.",
                reach.beside_houses,
            )
        )
    return lines


def house_groups(reach: Reach, audience: Audience) -> list[str]:
    """The houses' own groups by name; those of the precinct only where no group is known to be the houses' own."""
    lines = []
    if reach.house_chats:
        names = [f"«{title}»" for title in reach.house_chats[:NAMED]]
        names += [f"+ {len(reach.house_chats) - NAMED}"] if len(reach.house_chats) > NAMED else []
        lines.append(_("The groups of these houses get it: {names}.", names=", ".join(names)))
    if audience.groupless_precinct_ids and reach.house_chats:
        lines.append(_("Where no group is bound to the houses, all groups of the precinct get it."))
    elif audience.groupless_precinct_ids:
        lines.append(_("No group is bound to these houses: all groups of the precinct get it."))
    return lines
