"""Who wrote, approved, corrected and recalled a warning, and when."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.errors import N_
from bot.i18n import _, moment
from bot.services.warnings import Happening, WarningView
from bot.speech import Reply, choose
from bot.speech.calls import Warn
from bot.speech.drafts import title_of

WORDS = {
    "written": N_("Written"),
    "approved": N_("Approved by the second officer"),
    "gone_alone": N_("Sent without a second officer"),
    "correction_written": N_("Correction written"),
    "correction_approved": N_("Correction approved by the second officer"),
    "correction_alone": N_("Correction sent without a second officer"),
    "correction_returned": N_("Correction sent back"),
    "correction_withdrawn": N_("Correction taken back"),
    "correction_expired": N_("Correction not approved in time"),
    "withdrawn": N_("Taken back before the approval"),
    "returned": N_("Sent back to its author"),
    "paused": N_("Sending paused"),
    "resumed": N_("Sending went on"),
    "cancelled": N_("Warning cancelled"),
    "resent": N_("Sent again"),
    "recalled": N_("Recalled"),
}


def happenings_reply(warning: WarningView, happenings: Sequence[Happening], zone: ZoneInfo) -> Reply:
    lines = [_("Warning {code}: who and when", code=warning.code), ""]
    for one in happenings:
        words = " – ".join(filter(None, [_(WORDS[one.what]), str(one.who) if one.who else ""]))
        title = f" «{title_of(one.text)}»" if one.text else ""
        lines.append(f"• {moment(one.at, zone)}: {words}{title}")
    return Reply("\n".join(lines), [[choose("Back to the warning", Warn(do="show", id=warning.id))]])
