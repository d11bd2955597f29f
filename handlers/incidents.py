"""Tips about one happening: join, leave, open an incident. The program suggests, the officer decides."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import JoinRefused, NotFound, TipAlreadyTaken, TipClosed
from bot.i18n import _
from bot.services.residents import Person
from bot.services.tips import TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, column
from bot.speech.acts import tips_choices
from bot.speech.calls import Joint
from bot.speech.cards import card_reply
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import CardForm
from bot.speech.presses import before, officer_of
from bot.speech.work import afresh, leave, readable, to_card

LONGEST = 12  # digits of a number


def router() -> Router:
    router = Router(name="incidents")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.callback_query.register(press, Pressed("join"), Joint.filter())
    router.message.register(tell_number, StateFilter(CardForm.joining), HasText())
    return router


async def press(_query: CallbackQuery, callback_data: Joint, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer, tip_id = officer_of(person), callback_data.tip
    tip = await readable(unit, officer, tip_id)
    match callback_data.do:
        case "choose":
            await afresh(state, CardForm.joining, tip.id)
            return which(tip)
        case "join":
            joined = await unit.tips.join(officer, tip_id, callback_data.other)
            await afresh(state)
            return before(joined_words(), card_reply(joined, unit.zone))
        case "open":
            return card_reply(await unit.tips.open_incident(officer, tip_id), unit.zone, replaces=True)
        case "leave":
            left = await unit.tips.leave(officer, tip_id)
            return before(_("Tip No. {number} is by itself again.", number=left.number), card_reply(left, unit.zone))
    return card_reply(tip, unit.zone)


def which(tip: TipView) -> Reply:
    """What looks alike is offered, marked as the program's; any other is named by its number."""
    choices = [
        Choice(f"🤖 № {other.number}", Joint(do="join", tip=tip.id, other=other.tip_id).pack()) for other in tip.alike
    ]
    text = _("Which tip is about the same? Write its number.")
    return Reply(text, [*column(*choices), [to_card(tip.id)]], open=True)


async def tell_number(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    tip_id = (await state.get_data()).get("tip", 0)
    digits = text.replace("№", "").strip(" .#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST):
        return Reply(_("A number is needed, like 1004."), leave(tip_id), open=True)
    try:
        joined = await unit.tips.join_number(officer_of(person), tip_id, int(digits))
    except (JoinRefused, NotFound) as refusal:  # that tip is not his, or does not fit: another number may
        return Reply(_(refusal.msgid), leave(tip_id), open=True)
    except (TipClosed, TipAlreadyTaken) as refusal:
        await afresh(state)
        return Reply(_(refusal.msgid, **refusal.facts), tips_choices())
    await afresh(state)
    return before(joined_words(), card_reply(joined, unit.zone))


def joined_words() -> str:
    return _("Joined. Each sender is told about his own tip alone; one fix closes them all.")
