"""Number and secret code, as people type them."""

from aiogram.fsm.state import State, StatesGroup

from bot.i18n import _
from bot.services.tips.codes import DIGITS, grouped

LONGEST = 60


class ReceiptForm(StatesGroup):
    asking = State()


def number_and_code(text: str) -> tuple[int, str] | None:
    """«1001 123 456 789 012», «№1001, 123-456-789-012»: the last twelve digits are the code. Pure."""
    digits = "".join(char for char in text[:LONGEST] if char.isascii() and char.isdigit())
    number, code = digits[:-DIGITS], digits[-DIGITS:]
    if not number or len(code) != DIGITS or len(number) > 12:
        return None
    return int(number), code


def receipt_words(code: str) -> str:
    return _(
        "Secret code: {code}. With the number it continues the tip from another phone or messenger: “My tips”."
        " It is shown this once; tell it to nobody, the police never ask for it.",
        code=grouped(code),
    )
