"""What several dialogs say in the same words: whom to call, and what a message is not."""

from bot.errors import N_
from bot.i18n import _

DANGER = N_("🆘 If there is danger, call 102 or 112 right now. This chat does not replace a call.")


def formal_words() -> str:
    return _(
        "This message is not a formal statement. To make one, call 102, write to the “Law and Order” service"
        " in the eGov Mobile app or come to the police division."
    )
