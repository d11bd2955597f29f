"""Why somebody was not reached, in words: one line for each thing a messenger may answer."""

from bot.errors import N_
from bot.i18n import _

REASONS = {
    "blocked": N_("They blocked the bot"),
    "left": N_("The bot was removed from the group"),
    "dead": N_("The account or group no longer exists"),
    "deleted": N_("The group was deleted or has moved"),
    "no_rights": N_("The bot may not write in this group"),
    "topic_closed": N_("The topic of this group is closed"),
    "stopped": N_("They asked to be sent nothing (STOP)"),
    "unsubscribed": N_("They unsubscribed before it went"),
    "no_template": N_("WhatsApp allows no free text now and there is no approved template"),
    "unchecked": N_("Waits: WhatsApp has not said yet whether the template is approved"),
    "no_window": N_("Waits: WhatsApp wants a template instead of free text"),
    "tier": N_("Waits: WhatsApp's limit of new people a day is used up"),
    "unknown": N_("The messenger gave no answer: it may have arrived"),
    "expired": N_("The time of the warning was over"),
    "not_on_whatsapp": N_("This number is not on WhatsApp"),
    "withheld": N_("WhatsApp itself does not show it to this person"),
    "capped": N_("WhatsApp holds back such messages to this person for now"),
    "template_paused": N_("WhatsApp has paused this template"),
    "bad_template": N_("The template does not fit its approved text"),
    "policy": N_("WhatsApp refused the text by its rules"),
    "content": N_("The messenger refused the text"),
    "too_large": N_("The file is too large for the messenger"),
    "slow": N_("Waits: the messenger asked to go slower"),
    "overflow": N_("The provider's queue was full"),
    "channel": N_("The messenger does not accept our account"),
    "unreachable": N_("The messenger could not be reached"),
    "unreadable": N_("What the database keeps of it cannot be read: it was changed, or its key is missing"),
    "bug": N_("The program could not make the message"),
}

CODES = {
    "63003": "not_on_whatsapp", "63024": "not_on_whatsapp", "63032": "withheld", "63049": "capped",
    "63014": "blocked", "21610": "stopped", "63016": "no_template", "63018": "tier",
    "63040": "template_paused", "63041": "template_paused",
    "63027": "bad_template", "63028": "bad_template", "21655": "bad_template", "21656": "bad_template",
    "63005": "policy", "63013": "policy", "63021": "policy", "63026": "policy",
    "21611": "overflow", "30001": "overflow", "63017": "slow", "20429": "slow", "14107": "slow",
    "20003": "channel", "63001": "channel", "63007": "channel", "63020": "channel",
    "63009": "unreachable", "63010": "unreachable", "63012": "unreachable",
    "unknown_twice": "unknown", "bad_request": "content", "file": "content", "empty": "content",
}  # fmt: skip
"""What a notice keeps as its error, and what that means (Twilio's error dictionary, the Bot API's texts)."""


def reason_words(reason: str) -> str:
    """Provider codes we have no words for are shown as they are."""
    msgid = REASONS.get(CODES.get(reason, reason))
    return _(msgid) if msgid else _("Refused by the messenger ({code})", code=reason)
