"""What follows a card to its holder: files when they are there, and what the sender adds."""

from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, as_line, as_list

from bot.i18n import Bilingual, _
from bot.services.deliveries import Delivery
from bot.services.tips import TipView
from bot.speech import Reply, choose, pair
from bot.speech.asks import said_in, tip_of
from bot.speech.calls import Card


def card_part(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    tip, media = tip_of(delivery), delivery.media
    if tip.is_brief:
        return _brief(tip)
    head = _("Tip No. {number}: a file", number=tip.number)
    if media is None or media.state != "stored":
        return Reply("\n".join([head, _("The file could not be fetched from the messenger.")]))
    caption = said_in(delivery)
    return Reply(f"{head}\n{caption}" if caption else head, media_id=media.id)


def card_added(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """A place that lies with somebody else says so: who works on the tip hands it over himself."""
    tip = tip_of(delivery)
    if tip.is_brief:
        return _brief(tip)
    words = _("Tip No. {number}: the sender added", number=tip.number)
    if delivery.facts.get("changed"):
        words = _("Tip No. {number}: the sender changed what was written before", number=tip.number)
    head = as_line(Bold(words), end="")
    is_place = delivery.part is not None and tip.is_place(delivery.part)
    lines = [head, pair(_("Place of the event"), said_in(delivery)) if is_place else said_in(delivery)]
    if elsewhere := delivery.facts.get("elsewhere"):
        place = Bilingual(*elsewhere)
        lines.append(_("The place lies elsewhere: {place}. If the tip is not yours, hand it over.", place=place))
    return Reply(as_list(*lines), [[choose("Open the card", Card(do="show", tip=tip.id))]])


def _brief(tip: TipView) -> Reply:
    """Number and category only: whatever came is read at the department."""
    head = as_line(Bold(f"№ {tip.number}"), " · ", str(tip.category.label), end="")
    text = _("Something was added to this tip. It is read on the department's computer.")
    return Reply(as_list(head, text), [[choose("Open the card", Card(do="show", tip=tip.id))]])
