"""What is said about files: one that was not taken and why, and a picture that says where it was taken."""

from zoneinfo import ZoneInfo

from bot.i18n import _
from bot.services.deliveries import Delivery
from bot.speech import Reply, choose
from bot.speech.calls import PicturePoint


def file_refused(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """From its own facts: it is the same for a resident and for an officer."""
    why = {
        "dangerous": _("Files that may carry a program are not accepted. Send a photo, a screenshot or a PDF."),
        "wrong_type": _("This type of file is not accepted. Send it as a photo or a video, not as a file."),
        "broken": _("The picture is damaged. Send it once more."),
        "too_many_pixels": _("The picture is too large. Send it as a photo, not as a file."),
        "too_large": _("The file is larger than 20 MB. Send a short video or a photo."),
        "empty": _("The file is empty. Send it once more."),
    }
    head = _("A file for No. {number} was not accepted.", number=delivery.facts.get("number", ""))
    reason = why.get(str(delivery.facts.get("reason", "")), _("The messenger did not hand it over. Send it once more."))
    return Reply("\n".join([head, reason]))


def point_ask(delivery: Delivery, _zone: ZoneInfo) -> Reply:
    """Where somebody may look over the shoulder the question is read when its reader chooses."""
    if delivery.tip is None or delivery.part is None:
        raise KeyError(delivery.kind)
    if not delivery.tip.category.is_discreet:
        return point_question(delivery.tip.number, delivery.part.id)
    text = _("No. {number}: there is a question. Read it when it is convenient for you.", number=delivery.tip.number)
    return Reply(text, [[choose("Read", PicturePoint(do="read", part=delivery.part.id))]])


def point_question(number: int, part_id: int) -> Reply:
    text = _(
        "The picture you sent to No. {number} says where it was taken. Did it happen there? The inspector sees the"
        " place only if you say yes.",
        number=number,
    )
    yes, no = PicturePoint(do="yes", part=part_id), PicturePoint(do="no", part=part_id)
    return Reply(text, [[choose("Yes, there", yes), choose("No, do not use it", no)]])
