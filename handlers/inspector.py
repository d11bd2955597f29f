"""The holder's work on a tip: list, card, take, ask, answer, close with an outcome and words."""

from aiogram import Router
from aiogram.filters import Command, Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import NotFound, TipClosed
from bot.i18n import _, moment
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips import TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.calls import Card, CardForm, Open
from bot.speech.cards import card_reply, whole_card
from bot.speech.filters import HasFile, InForm, IsOfficer, Pressed
from bot.speech.parts import BURST_SECONDS, added_part, part_of
from bot.terms import StateType

PAGE = 10  # tips a screen


def router() -> Router:
    router = Router(name="inspector")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.message.register(list_message, Command("tips"))
    router.callback_query.register(press, Pressed("card"), Card.filter())
    router.message.register(say, StateFilter(CardForm.asking, CardForm.answering), SaysWords())
    router.message.register(close, StateFilter(CardForm.closing), SaysWords())
    router.message.register(not_now, InForm(CardForm))
    return router


def late_router() -> Router:
    """Asked before the dialog that would take an officer's file for the beginning of his own tip."""
    router = Router(name="inspector_late")
    router.message.register(say_more, IsOfficer(), StateFilter(None), HasFile(), IsSameBurst())
    return router


class SaysWords(Filter):
    async def __call__(self, message: Message) -> bool:
        return not (message.text or "").startswith("/")


class IsSameBurst(Filter):
    """The rest of an album, or files right behind the first message, belong to what was just said."""

    async def __call__(self, message: Message, state: FSMContext) -> bool:
        form = await state.get_data()
        if not form.get("said"):
            return False
        is_album = message.media_group_id is not None and message.media_group_id == form.get("album")
        return is_album or message.date.timestamp() - form.get("said_at", 0.0) <= BURST_SECONDS


def officer_of(person: Person) -> OfficerView:
    if person.officer is None:
        raise TypeError("the router lets only officers in")
    return person.officer


async def list_message(_message: Message, unit: Unit, person: Person) -> Reply:
    return await held(unit, officer_of(person))


async def held(unit: Unit, officer: OfficerView, page: int = 0, *, replaces: bool = False) -> Reply:
    """Page by page: a tip at the end of a long list must not be out of reach."""
    page = max(page, 0)
    up_to_here = await unit.tips.held_by(officer, limit=(page + 1) * PAGE + 1)
    tips = up_to_here[page * PAGE : (page + 1) * PAGE]
    menu = choose("Menu", Open(what="menu"))
    if page and not tips:
        return await held(unit, officer, replaces=replaces)
    if not tips:
        return Reply(_("No open tips. A quiet hour."), [[menu]])
    choices = []
    for tip in tips:
        due = moment(tip.due_at, unit.zone).rsplit(", ", 1)[-1] if tip.due_at else ""
        label = f"№ {tip.number} {tip.category.icon} {tip.state_name} {due}".strip()
        choices.append(Choice(label, Card(do="show", tip=tip.id).pack()))
    turn = []
    if page > 0:
        turn.append(choose("Previous page", Card(do="list", tip=page - 1)))
    if len(up_to_here) > (page + 1) * PAGE:
        turn.append(choose("Next page", Card(do="list", tip=page + 1)))
    last = [turn, [menu]] if turn else [[menu]]
    return Reply(_("Tips in work, the most urgent first:"), [*column(*choices), *last], replaces=replaces)


async def press(_query: CallbackQuery, callback_data: Card, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer, tip_id = officer_of(person), callback_data.tip
    match callback_data.do:
        case "list":
            await state.clear()
            return await held(unit, officer, tip_id, replaces=tip_id > 0)
        case "take":
            return card_reply(await unit.tips.take(officer, tip_id), unit.zone, replaces=True)
        case "ask":
            tip = await open_card(unit, officer, tip_id)
            await begin(state, CardForm.asking, tip_id)
            text = _(
                "Write the question to the sender of tip No. {number}: the bot will pass it on.", number=tip.number
            )
            return Reply(text, leave(tip_id), open=True)
        case "answer":
            tip = await open_card(unit, officer, tip_id)
            await begin(state, CardForm.answering, tip_id)
            text = _("Write the answer to the sender of tip No. {number}: the bot will pass it on.", number=tip.number)
            return Reply(text, leave(tip_id), open=True)
        case "close":
            return await ask_outcome(unit, officer, tip_id)
        case "outcome":
            tip = await open_card(unit, officer, tip_id)
            await begin(state, CardForm.closing, tip_id)
            await state.update_data(outcome=callback_data.code)
            text = _(
                "Write in a few words what was done on tip No. {number}: the sender will read it.", number=tip.number
            )
            return Reply(text, leave(tip_id), open=True)
    await state.clear()
    return whole_card(await unit.tips.card(officer, tip_id), unit.zone)


async def open_card(unit: Unit, officer: OfficerView, tip_id: int) -> TipView:
    """An old button of a tip that is over is refused before the officer writes a word."""
    tip = await unit.tips.card(officer, tip_id)
    if tip.state_type is StateType.CLOSED:
        raise TipClosed
    return tip


async def begin(state: FSMContext, step: object, tip_id: int) -> None:
    await state.clear()
    await state.set_state(step)  # type: ignore[arg-type]
    await state.update_data(tip=tip_id)


def leave(tip_id: int) -> list[list[Choice]]:
    return [[choose("Back to the card", Card(do="show", tip=tip_id))]]


async def ask_outcome(unit: Unit, officer: OfficerView, tip_id: int) -> Reply:
    tip = await open_card(unit, officer, tip_id)
    choices = [
        choose_named(name, Card(do="outcome", tip=tip_id, code=code)) for code, name in await unit.tips.outcomes()
    ]
    text = _("What is the outcome of tip No. {number}?", number=tip.number)
    return Reply(text, [*column(*choices), *leave(tip_id)])


async def say(message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None) -> Reply:
    tip_id = (await state.get_data()).get("tip", 0)
    asking = raw_state == CardForm.asking.state
    try:
        await tell(message, unit, person, tip_id, asking=asking)
    except (TipClosed, NotFound) as refusal:  # it changed hands meanwhile: the dialog must not stay shut in it
        await state.clear()
        return Reply(_(refusal.msgid), tips_choices())
    await state.clear()
    at = message.date.timestamp()
    await state.update_data(said=tip_id, asking=asking, album=message.media_group_id, said_at=at)
    text = _("The question is on its way to the sender.") if asking else _("The answer is on its way to the sender.")
    return Reply(text, leave(tip_id))


async def say_more(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply | None:
    form = await state.get_data()
    await tell(message, unit, person, form["said"], asking=bool(form.get("asking")))
    return None


async def tell(message: Message, unit: Unit, person: Person, tip_id: int, *, asking: bool) -> None:
    say_it = unit.tips.ask if asking else unit.tips.answer
    await say_it(officer_of(person), tip_id, added_part(message), person)


def tips_choices() -> list[list[Choice]]:
    return [[choose("Tips in work", Card(do="list")), choose("Menu", Open(what="menu"))]]


async def close(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    form = await state.get_data()
    if not (message.text or message.caption or "").strip():
        return Reply(_("Words are needed: the sender must know what was done."), leave(form.get("tip", 0)), open=True)
    words = part_of(message).as_draft()
    try:
        tip = await unit.tips.close(officer_of(person), form.get("tip", 0), form.get("outcome", ""), words, person)
    except (TipClosed, NotFound) as refusal:
        await state.clear()
        return Reply(_(refusal.msgid), tips_choices())
    await state.clear()
    text = _("Tip No. {number} is closed. The sender is told and asked for a rating.", number=tip.number)
    return Reply(text, tips_choices())


async def not_now(_message: Message) -> Reply:
    return Reply(_("Write your words as a text, photo, video or voice message."), open=True)
