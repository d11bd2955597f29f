"""Money or a code has just gone: the bank and 102 before anything else, then the particulars, each may be skipped."""

from aiogram.fsm.context import FSMContext

from bot.errors import N_
from bot.i18n import _
from bot.services.tips.evidence import FIELDS
from bot.speech import Reply, choose
from bot.speech.calls import Report
from bot.speech.forms import TipForm

MONEY = "fraud_victim"
QUESTIONS = {
    "when": N_("When did the money go? Write the day and the time."),
    "sum": N_("How much? Write the sum in tenge."),
    "account": N_("To which number, card or account did it go? Write it as you see it."),
    "link": N_("Was there a link, a site or a profile? Send the address; do not open it again."),
    "bank": N_("From which bank or application did the money go?"),
}
BANK_FIRST = N_(
    "If money is gone, every minute matters:\n"
    "1) Call your bank (the number is on the back of the card). Ask to stop the transfer and block the card.\n"
    "2) Call 102.\n"
    "3) Do not delete the conversation, receipts, screenshots.\n"
    "4) Write here: when, how much, to which number or account, what link there was.\n"
    "It is not your fault: a fraudster can deceive anyone."
)
NAMES = {
    "when": N_("When the money went"),
    "sum": N_("Sum"),
    "account": N_("Number, card or account"),
    "link": N_("Link or profile"),
    "bank": N_("Bank or application"),
}


async def ask_money(state: FSMContext) -> Reply:
    """The next question; the first one under what must be done at once."""
    await state.set_state(TipForm.money)
    form = await state.update_data(category=MONEY)
    asked = min(form.get("money_at", 0), len(FIELDS) - 1)
    text = _(QUESTIONS[FIELDS[asked]])
    if not asked:
        text = f"{_(BANK_FIRST)}\n\n{text}"
    choices = [[choose("Skip", Report(step="money"))], [choose("Skip all questions", Report(step="money", code="all"))]]
    return Reply(text, [*choices, [choose("Cancel", Report(step="cancel"))]], open=True)


async def answer_money(state: FSMContext, text: str = "") -> bool:
    """Writes one answer down, empty when it was skipped. True: that was the last question."""
    form = await state.get_data()
    asked = form.get("money_at", 0)
    told = dict(form.get("evidence", {}))
    if text and asked < len(FIELDS):
        told[FIELDS[asked]] = text
    is_last: bool = asked + 1 >= len(FIELDS)
    await state.update_data(evidence=told, money_at=asked + 1, has_money=is_last or None)
    return is_last
