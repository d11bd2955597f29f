"""Violence at home, children: whether it is safe to write comes first, and no push tells what it is about."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from aiogram.fsm.context import FSMContext

from bot.i18n import _, moment
from bot.services.deliveries import Delivery
from bot.services.tips import QUESTION, PartView, TipView
from bot.services.tips.codes import grouped
from bot.speech import Choice, Reply, choose
from bot.speech.asks import rate_words, rating_choices
from bot.speech.calls import Mine, Open, Report
from bot.speech.cautions import formal_words
from bot.speech.forms import TipForm
from bot.speech.receipts import receipt_words
from bot.terms import NoticeKind, StateType

NEWS = (
    NoticeKind.TIP_TAKEN, NoticeKind.TIP_QUESTION, NoticeKind.TIP_ANSWER, NoticeKind.TIP_CLOSED, NoticeKind.TIP_MOVED,
    NoticeKind.TIP_JOINED,
)  # to its sender  # fmt: skip
TOLD = ("number", "due")  # variables of a template that tell nothing; the others may


async def ask_safe(state: FSMContext) -> Reply:
    await state.set_state(TipForm.safe)
    text = _(
        "Is it safe for you to write now, does nobody see your screen? If it is dangerous or somebody is beside you,"
        " choose “Not now”: what you wrote is not kept here, delete it from this chat yourself; you can begin again at"
        " any time. In danger call 102; 111 helps children and families, day and night."
    )
    return Reply(text, [[choose("Yes, go on", Report(step="safe")), choose("Not now", Report(step="unsafe"))]])


def discreet_words(delivery: Delivery, zone: ZoneInfo) -> Reply | None:
    """None where the usual words may be said."""
    tip = delivery.tip
    if tip is None or not tip.category.is_discreet:
        return None
    if delivery.kind is NoticeKind.TIP_SENT:
        due = moment(tip.due_at, zone) if tip.due_at else "–"
        text = _("No. {number}: it is written down. Time of the answer: {due}.", number=tip.number, due=due)
        if code := str(delivery.facts.get("code", "")):
            text = "\n".join([text, _("Secret code, shown this once: {code}", code=grouped(code))])
        return Reply(text, _ways(tip))
    return Reply(_news(tip.number), _ways(tip), open=True) if delivery.kind in NEWS else None


def _news(number: int) -> str:
    return _("No. {number}: there is news. Read it when it is convenient for you.", number=number)


def _ways(tip: TipView) -> list[list[Choice]]:
    return [[choose("Read it", Mine(do="read", tip=tip.id)), choose("Menu", Open(what="menu"))]]


def read_reply(tip: TipView, said: Sequence[PartView], code: str = "") -> Reply:
    """What was said to the sender so far, at the moment he chose; `code`: of its receipt, if it was not told yet."""
    lines = [f"№ {tip.number} · {tip.state_name}", *(part.text for part in said if part.text)]
    if tip.holder and tip.state_type is not StateType.CLOSED:
        lines.insert(1, str(tip.holder))
    if tip.outcome and tip.state_type is StateType.CLOSED:
        lines.insert(1, str(tip.outcome))
    media_id = next((part.media_id for part in reversed(said) if part.media_id), None)
    menu = [choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))]
    if tip.state_type is StateType.CLOSED and tip.rating is None:
        return Reply("\n".join([*lines, rate_words()]), [*rating_choices(tip), menu], open=True, media_id=media_id)
    if said and said[-1].purpose == QUESTION:
        lines.append(_("Write your answer right here."))
    if code:
        lines.append(receipt_words(code))
    return Reply("\n\n".join([*lines, formal_words()]), [menu], open=True, media_id=media_id)


def without_content(facts: dict[str, str], number: int) -> dict[str, str]:
    """For the variables of a template: a person may hold the phone to whom nothing was written."""
    return {name: value if name in TOLD else _news(number) if name == "text" else "–" for name, value in facts.items()}
