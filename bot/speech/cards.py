"""How a tip and its buttons look to those who work with it, and whom a warning would reach."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Text, as_line, as_list

from bot.errors import N_
from bot.i18n import _, moment, ngettext, number
from bot.services.tips import TipView
from bot.services.warnings import Reach
from bot.speech import Reply, pair
from bot.speech.acts import STORY_SHOWN, card_choices
from bot.speech.money import NAMES
from bot.speech.scene import scene_words
from bot.speech.spans import span
from bot.speech.told import when_words
from bot.terms import Identity, StateType

STORY_PIECE = 3500
ALOUD = 600  # characters of a story read to the control centre


def tip_card(tip: TipView, zone: ZoneInfo) -> Text:
    """The card of the holder. The sender's words are data: shown as they are, never parsed."""
    title = as_line(Bold(f"№ {tip.number}"), " · ", str(tip.category.label), end="")
    if tip.is_brief:
        return as_list(title, _("The content is read on the department's computer: this messenger must not carry it."))
    lines: list[Text | str] = [
        title,
        as_line(_("Urgency"), ": ", _urgency(tip), end=""),
        as_line(_("Status"), ": ", str(tip.state_name), end=""),
        as_line(_("From"), ": ", _sender(tip), end=""),
    ]
    if tip.suggested:
        lines.append(pair(_("Category the program suggested"), tip.suggested))
    if scene := scene_words(tip):
        lines.append(as_line(_("Place of the event"), ": ", scene, end=""))
    if tip.point:
        lines.append(f"🗺 {map_link(tip.point)}")
    lines += [*_border(tip), *told_lines(tip), *_clock_lines(tip, zone)]
    files = sum(1 for part in tip.parts if part.media_id and not part.by_officer)
    if files:
        lines.append(pair(_("Files"), number(files)))
    if tip.note:
        lines.append(pair(_("Note of who handed it over"), tip.note))
    lines += _incident_lines(tip)
    story = tip.story
    if story:
        shown = story if len(story) <= STORY_SHOWN else story[:STORY_SHOWN] + "…"
        lines += ["", shown]
    return as_list(*lines)


def map_link(point: tuple[float, float]) -> str:
    return f"https://www.openstreetmap.org/?mlat={point[0]:.5f}&mlon={point[1]:.5f}#map=17"


def _clock_lines(tip: TipView, zone: ZoneInfo) -> list[str]:
    lines = [pair(_("Received"), moment(tip.created_at, zone))]
    if tip.state_type is StateType.CLOSED:
        return lines
    if tip.seen_at is not None:
        lines[0] = _("{received} ({age} ago)", received=lines[0], age=span(tip.seen_at - tip.created_at))
    if tip.accept_by:
        lines.append(pair(_("Take it by"), moment(tip.accept_by, zone)))
    if tip.due_at:
        lines.append(pair(_("Answer due"), moment(tip.due_at, zone)))
    left = left_words(tip)
    return [*lines, pair(_("Time left"), left)] if left else lines


def left_words(tip: TipView) -> str:
    """Until the next promised time, as it was when the tip was looked at."""
    if tip.state_type is StateType.WAITING:
        return _("waits for the sender")
    if tip.until is None or tip.seen_at is None:
        return ""
    if tip.until <= tip.seen_at:
        return _("❗ overdue: {late}", late=span(tip.seen_at - tip.until))
    return span(tip.until - tip.seen_at)


def told_lines(tip: TipView) -> list[str]:
    """What the sender told by buttons: when, and around what."""
    told = tip.told
    if told is None:
        return []
    lines = []
    when = when_words(told)
    if when:
        lines.append(pair(_("When it happened"), when))
    answers = ((N_("Public place"), told.is_public_place), (N_("Camera nearby"), told.has_camera))
    lines += [pair(_(name), _("yes") if value else _("no")) for name, value in answers if value is not None]
    if told.damage is not None:
        lines.append(pair(_("Damage"), f"{number(told.damage)} ₸"))
    lines += [pair(_(NAMES[name]), value) for name, value in tip.evidence.items() if name in NAMES]
    return lines


def _incident_lines(tip: TipView) -> list[str]:
    lines = []
    if tip.incident is not None:
        numbers = ", ".join(f"№ {other}" for _id, other in tip.incident.tips)
        if tip.incident.others:
            numbers = _("{numbers} and {n} more", numbers=numbers, n=number(tip.incident.others))
        lines.append(pair(_("One incident"), numbers))
        if tip.incident.calls:
            lines.append(pair(_("Neighbours who called 102"), number(tip.incident.calls)))
    if tip.alike:
        numbers = ", ".join(f"№ {other.number}" for other in tip.alike)
        lines.append(_("🤖 Looks like the same matter: {numbers}. The program only suggests.", numbers=numbers))
    return lines


def _border(tip: TipView) -> list[Text | str]:
    """Where the precinct is not as plain as the map has it."""
    place = tip.neighbour or ""
    if tip.outside_metres is not None:
        away = round(tip.outside_metres)
        far = _("{n} km", n=number(round(away / 1000, 1))) if away >= 1000 else _("{n} m", n=number(away))
        if not place:
            return [_("Outside all borders: {far} to the nearest precinct.", far=far)]
        return [_("Outside all borders: {far} to the nearest precinct ({place}).", far=far, place=place)]
    return [_("On a border. Across it: {place}.", place=place)] if place else []


def _urgency(tip: TipView) -> str:
    names = {
        "U0": _("Now: 102 / 112"), "U1": _("Urgent"), "U2": _("Today"), "U3": _("As planned"), "U4": _("Information"),
    }  # fmt: skip
    return names[tip.urgency.value]


def _sender(tip: TipView) -> str:
    if tip.identity is Identity.NAMED:
        return tip.sender
    if tip.identity is Identity.CUT:
        return " · ".join([tip.sender, _("no contact: the sender has broken the link")])
    return " · ".join([tip.sender, _("without a name")])


def read_aloud(tip: TipView, zone: ZoneInfo) -> str:
    """What an officer reads to the control centre: time, place, what, number. Nothing about who sent it."""
    lines = [
        _("For the control centre"),
        _("Tip No. {number}, received: {at}", number=tip.number, at=moment(tip.created_at, zone)),
    ]
    when = when_words(tip.told) if tip.told else ""
    if when:
        lines.append(pair(_("When it happened"), when))
    lines.append(pair(_("Place of the event"), scene_words(tip) or _("not told")))
    if tip.point:
        lines.append(pair(_("Coordinates"), f"{tip.point[0]:.5f}, {tip.point[1]:.5f}"))
    lines.append(pair(_("What"), tip.category.name))
    if tip.story:
        lines.append(tip.story if len(tip.story) <= ALOUD else tip.story[:ALOUD] + "…")
    return "\n".join(lines)


def card_reply(tip: TipView, zone: ZoneInfo, *, replaces: bool = False) -> Reply:
    return Reply(tip_card(tip, zone), card_choices(tip), replaces=replaces)


def whole_card(tip: TipView, zone: ZoneInfo) -> Reply:
    """The card, and behind it what of a long story does not fit on it."""
    if tip.is_brief:
        return card_reply(tip, zone)
    rest = tip.story[STORY_SHOWN:]
    behind: Reply | None = None
    for start in reversed(range(0, len(rest), STORY_PIECE)):
        behind = Reply(f"№ {tip.number} …{rest[start : start + STORY_PIECE]}", then=behind)
    return replace(card_reply(tip, zone), then=behind)


def reach_words(reach: Reach) -> str:
    lines = [
        ngettext("{n} group chat", "{n} group chats", reach.chats),
        ngettext("{n} resident on Telegram", "{n} residents on Telegram", reach.telegram),
        ngettext("{n} resident on WhatsApp", "{n} residents on WhatsApp", reach.whatsapp),
    ]
    if reach.unreachable:
        lines.append(pair(_("Cannot be reached now"), number(reach.unreachable)))
    return "\n".join(f"• {line}" for line in lines)
