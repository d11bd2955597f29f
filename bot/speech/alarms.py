"""What staff are told because nobody else would notice: the words of an alarm, alone or in a template."""

from bot.i18n import Bilingual, _
from bot.services.deliveries import Delivery
from bot.speech.reasons import reason_words


def alarm_words(delivery: Delivery) -> str:
    """One paragraph; a kind without words here is its own facts."""
    texts = {
        "parked": _("An incoming message was put aside after three failed tries: {what}"),
        "unheld": _("Tip No. {what} lies in a queue where nobody has an account yet."),
        "overdue": _("The promised time of tip No. {what} passed on the last rung of the ladder."),
        "silent": _("Tip No. {what} was taken by nobody, up to the last rung of the ladder."),
        "channel": _("A messenger refuses to work: {what}"),
        "stopped": _("Warning {what} was stopped by the program: the messenger refused it several times. {reason}."),
        "recalled": _("Warning {what} is recalled. By whom: {officer}. Whoever has it is being told."),
        "corrected": _(
            "The correction of warning {what} is approved. By whom: {officer}. Those whose text has changed are"
            " being told."
        ),
        "unbound": _("The new borders have no precinct for these chats, bind them anew: {what}"),
        "chat_removed": _(
            "The bot was removed from the group “{what}”. The group is not bound to your precinct any more, and"
            " warnings do not reach it."
        ),
        "chat_unbound": _("The group “{what}” is not bound to your precinct any more, and warnings do not reach it."),
    }
    facts = {"what": delivery.facts.get("what", ""), "reason": reason_words(str(delivery.facts.get("reason", "")))}
    facts["officer"] = str(Bilingual(delivery.facts.get("kk", "–"), delivery.facts.get("ru", "–")))
    return texts.get(delivery.facts.get("alarm", ""), "{what}").format(**facts)
