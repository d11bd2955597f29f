"""The holder speaks to the sender: a question, an answer, the outcome; in his own words or in ready ones."""

from collections.abc import Callable

from aiogram import F, Router
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import KorshiError, NoContact, NotFound, StepNotLegal, TipAlreadyTaken, TipClosed
from bot.i18n import _, ngettext
from bot.services.answers import AnswerView, Filling, said
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips import Closing, PartDraft, TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.acts import tips_choices
from bot.speech.calls import Card, Ready
from bot.speech.filters import HasFile, IsOfficer, Pressed
from bot.speech.forms import CardForm
from bot.speech.parts import BURST_SECONDS, added_part, part_of
from bot.speech.presses import StrayIn, officer_of, stale
from bot.speech.ready import preview, ready_list
from bot.speech.work import afresh, leave, open_card, to_card
from bot.terms import Identity, PartKind

Words = Callable[[TipView], PartDraft]

STEPS = {CardForm.asking.state: "ask", CardForm.answering.state: "answer", CardForm.closing.state: "closed"}
CHANGED = (TipClosed, NotFound, NoContact, StepNotLegal, TipAlreadyTaken)  # meanwhile: the dialog must not stay shut


def router() -> Router:
    router = Router(name="answering")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    gate = Pressed("card", "ready")
    router.callback_query.register(begin_to_say, gate, Card.filter(F.do.in_({"ask", "answer"})))
    router.callback_query.register(begin_to_close, gate, Card.filter(F.do == "close"))
    router.callback_query.register(choose_outcome, gate, Card.filter(F.do == "outcome"))
    router.callback_query.register(press_ready, gate, Ready.filter())
    router.message.register(say, StateFilter(CardForm.asking, CardForm.answering), SaysWords())
    router.message.register(close, StateFilter(CardForm.closing), SaysWords())
    router.message.register(not_now, StrayIn(CardForm))
    return router


def late_router() -> Router:
    """Asked before the dialog that would take an officer's file for the beginning of his own tip."""
    router = Router(name="answering_late")
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


# -- a question, an answer


async def begin_to_say(
    _query: CallbackQuery, callback_data: Card, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    tip = await open_card(unit, officer_of(person), callback_data.tip, callback_data.do)
    if tip.identity is Identity.CUT:
        raise NoContact
    asks = callback_data.do == "ask"
    await afresh(state, CardForm.asking if asks else CardForm.answering, tip.id)
    text = _("Write the answer to the sender of tip No. {number}: the bot will pass it on.", number=tip.number)
    if asks:
        text = _("Write the question to the sender of tip No. {number}: the bot will pass it on.", number=tip.number)
    return Reply(text, own_or_ready(tip.id), open=True)


def own_or_ready(tip_id: int) -> list[list[Choice]]:
    return [[choose("Ready answers", Ready(do="list", tip=tip_id)), to_card(tip_id)]]


async def say(message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None) -> Reply:
    tip_id = (await state.get_data()).get("tip", 0)
    asks = raw_state == CardForm.asking.state
    try:
        await tell(unit, person, tip_id, added_part(message), asks=asks)
    except CHANGED as refusal:
        return await give_up(state, refusal)
    await afresh(state)
    at = message.date.timestamp()
    await state.update_data(said=tip_id, asking=asks, album=message.media_group_id, said_at=at)
    return on_its_way(tip_id, asks=asks)


async def say_more(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply | None:
    form = await state.get_data()
    await tell(unit, person, form["said"], added_part(message), asks=bool(form.get("asking")))
    return None


async def tell(unit: Unit, person: Person, tip_id: int, words: PartDraft, *, asks: bool) -> None:
    say_it = unit.tips.ask if asks else unit.tips.answer
    await say_it(officer_of(person), tip_id, words, person)


def on_its_way(tip_id: int, *, asks: bool) -> Reply:
    text = _("The question is on its way to the sender.") if asks else _("The answer is on its way to the sender.")
    return Reply(text, leave(tip_id))


async def give_up(state: FSMContext, refusal: KorshiError) -> Reply:
    await afresh(state)
    return Reply(_(refusal.msgid, **refusal.facts), tips_choices())


# -- the outcome


async def begin_to_close(
    _query: CallbackQuery, callback_data: Card, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    """`code`: a closing state staff added."""
    tip = await open_to_close(unit, officer_of(person), callback_data.tip, callback_data.code)
    await afresh(state, None, tip.id)
    await state.update_data(closing=callback_data.code)
    choices = [
        choose_named(name, Card(do="outcome", tip=tip.id, code=code)) for code, name in await unit.tips.outcomes(tip)
    ]
    text = _("What is the outcome of tip No. {number}?", number=tip.number)
    return Reply(text, [*column(*choices), *leave(tip.id)])


async def open_to_close(unit: Unit, officer: OfficerView, tip_id: int, added: str) -> TipView:
    if not added:
        return await open_card(unit, officer, tip_id, "close")
    tip = await open_card(unit, officer, tip_id, "answer")
    if added not in {state.code for state in tip.steps.states if state.is_closing}:
        raise StepNotLegal(status=tip.state_name)
    return tip


async def choose_outcome(
    _query: CallbackQuery, callback_data: Card, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    form, officer = await state.get_data(), officer_of(person)
    added = form.get("closing", "") if form.get("tip") == callback_data.tip else ""
    tip = await open_to_close(unit, officer, callback_data.tip, added)
    await afresh(state, CardForm.closing, tip.id)
    await state.update_data(outcome=callback_data.code, closing=added)
    text = _("Write in a few words what was done on tip No. {number}: the sender will read it.", number=tip.number)
    others = len(await unit.tips.together(officer, tip.id))
    if others:
        more = ngettext(
            "{n} more tip of this incident will be closed with the same words: write nothing about who sent them.",
            "{n} more tips of this incident will be closed with the same words: write nothing about who sent them.",
            others,
        )
        text = f"{text}\n{more}"
    return Reply(text, own_or_ready(tip.id), open=True)


async def close(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    tip_id = (await state.get_data()).get("tip", 0)
    if not (message.text or message.caption or "").strip():
        text = _("Words are needed: the sender must know what was done.")
        return Reply(text, own_or_ready(tip_id), open=True)
    words = part_of(message).as_draft()
    return await close_with(unit, person, state, lambda _tip: words)


async def close_with(unit: Unit, person: Person, state: FSMContext, words: Words) -> Reply:
    form = await state.get_data()
    closing = Closing(form.get("outcome", ""), words, form.get("closing") or "closed")
    try:
        closed = await unit.tips.close_together(officer_of(person), form.get("tip", 0), closing, person)
    except CHANGED as refusal:
        return await give_up(state, refusal)
    await afresh(state)
    tip = closed.tip
    text = _("Tip No. {number} is closed. The sender is told and asked for a rating.", number=tip.number)
    if tip.identity is Identity.CUT:
        text = _("Tip No. {number} is closed. The sender cannot be told: the link is broken.", number=tip.number)
    lines = [text]
    if closed.others:
        lines.append(ngettext("{n} more tip is closed with it.", "{n} more tips are closed with it.", closed.others))
    if closed.left:
        lines.append(
            ngettext(
                "{n} tip of this incident stays open: it is with somebody else.",
                "{n} tips of this incident stay open: they are with somebody else.",
                closed.left,
            )
        )
    return Reply("\n".join(lines), tips_choices())


# -- ready words


async def press_ready(
    _query: CallbackQuery, callback_data: Ready, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    step = STEPS.get(raw_state or "")
    if step is None or (await state.get_data()).get("tip") != callback_data.tip:
        return stale(person)
    officer = officer_of(person)
    try:
        tip = await open_card(unit, officer, callback_data.tip, "close" if step == "closed" else step)
    except CHANGED as refusal:
        return await give_up(state, refusal)
    if callback_data.do == "list":
        return ready_list(await unit.answers.ready(tip.category.code, step), tip, callback_data.page)
    answer = await ready_for(unit, tip, step, callback_data.code)
    filling = Filling(tip.number, officer, tip.promised_at, unit.zone)
    if callback_data.do == "pick":
        return preview(answer, said(answer, filling), tip)
    return await send_ready(unit, person, state, tip, answer)


async def ready_for(unit: Unit, tip: TipView, step: str, code: str) -> AnswerView:
    """Of this step and category: a forged code is none."""
    answer = await unit.answers.get(code)
    if answer.step != step or answer.category not in ("", tip.category.code):
        raise NotFound
    return answer


async def send_ready(unit: Unit, person: Person, state: FSMContext, tip: TipView, answer: AnswerView) -> Reply:
    officer = officer_of(person)

    def words(of: TipView) -> PartDraft:
        """Each sender reads it in his own language and with his own number."""
        filled = said(answer, Filling(of.number, officer, of.promised_at, unit.zone))
        return PartDraft(PartKind.TEXT, filled.of(of.language))

    if answer.step == "closed":
        return await close_with(unit, person, state, words)
    asks = answer.step == "ask"
    try:
        await tell(unit, person, tip.id, words(tip), asks=asks)
    except CHANGED as refusal:
        return await give_up(state, refusal)
    await afresh(state)
    return on_its_way(tip.id, asks=asks)


async def not_now(_message: Message) -> Reply:
    return Reply(_("Write your words as a text, photo, video or voice message."), open=True)
