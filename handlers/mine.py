"""The sender's own tips: list, more words; free words when no question is open."""

from aiogram import Router
from aiogram.filters import Command, Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import money_gone_in
from bot.errors import NotFound, TipClosed
from bot.i18n import _, moment
from bot.services.residents import Person
from bot.services.routing import Spot
from bot.services.tips import PlaceDraft, TipView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column, pair
from bot.speech.calls import Mine, Open, Opens
from bot.speech.cautions import formal_words
from bot.speech.discreet import read_reply
from bot.speech.faq import answered_by, maybe_answered
from bot.speech.filters import HasFile, Pressed
from bot.speech.forms import MineForm, TipForm
from bot.speech.parts import BURST_SECONDS, Part, added_part, part_of, source_of
from bot.speech.receipts import receipt_words
from bot.speech.report import MONEY, ask_first, ask_money, busy
from bot.speech.scene import own_scene_words
from bot.terms import Identity, PlaceSource, StateType, Urgency

LONGEST_ADDRESS = 120  # characters


def router() -> Router:
    router = Router(name="mine")
    router.message.register(list_mine, Command("mine"))
    router.callback_query.register(press_list, Opens("mine"))
    router.callback_query.register(press, Pressed("mine"), Mine.filter())
    router.message.register(add_words, StateFilter(MineForm.adding), SaysSomething())
    router.edited_message.register(edited)
    router.message.register(first_word, StateFilter(None), SaysSomething())
    return router


class SaysSomething(Filter):
    """Words or files without a question: the beginning of a tip, or more about an open one. Commands are not."""

    async def __call__(self, message: Message) -> bool:
        if message.text:
            return not message.text.startswith("/")
        return bool(message.location or message.contact) or await HasFile()(message)


async def list_mine(_message: Message, unit: Unit, person: Person) -> Reply:
    return await mine_reply(unit, person)


async def press_list(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await mine_reply(unit, person)


async def mine_reply(unit: Unit, person: Person) -> Reply:
    tips = await unit.tips.mine(person)
    menu = choose("Menu", Open(what="menu"))
    goes_on = [choose("Continue a tip from another phone", Open(what="receipt"))]
    if not tips:
        first = [choose("Send a tip", Open(what="report")), menu]
        return Reply(_("There are no tips of yours in this chat."), [first, goes_on])
    choices = [
        Choice(f"№ {tip.number} · {tip.category.icon} {tip.state_name}", Mine(do="show", tip=tip.id).pack())
        for tip in tips
    ]
    return Reply(_("Your tips:"), [*column(*choices), goes_on, [menu]])


async def press(_query: CallbackQuery, callback_data: Mine, unit: Unit, person: Person, state: FSMContext) -> Reply:
    match callback_data.do:
        case "add":
            return await busy(person, state, unit) or await ask_more(unit, person, state, callback_data.tip)
        case "new":
            return await busy(person, state, unit) or await another_matter(state, unit)
        case "read":
            tip = await unit.tips.sent(person, callback_data.tip)
            said = await unit.tips.said_to(person, tip.id)
            return read_reply(tip, said, await code_of(unit, person, tip))
        case "cut":
            return ask_cut(await unit.tips.sent(person, callback_data.tip))
        case "cut_yes":
            return await cut(unit, person, state, callback_data.tip)
    tip = await unit.tips.sent(person, callback_data.tip)
    return show(tip, unit, await code_of(unit, person, tip))


async def code_of(unit: Unit, person: Person, tip: TipView) -> str:
    """After words of danger the secret code waits until its tip is opened."""
    return await unit.tips.code_to_tell(person, tip.id) if tip.urgency is Urgency.U0 else ""


def ask_cut(tip: TipView) -> Reply:
    if tip.identity is not Identity.HIDDEN:
        raise NotFound
    text = _(
        "Break the link with tip No. {number}? Korshi will erase what it knows of the sender, and no answer will reach"
        " you. This cannot be undone. The conversation may remain in the messenger itself.",
        number=tip.number,
    )
    return Reply(
        text, [[choose("Break the link", Mine(do="cut_yes", tip=tip.id)), choose("Back", Mine(do="show", tip=tip.id))]]
    )


async def cut(unit: Unit, person: Person, state: FSMContext, tip_id: int) -> Reply:
    """A dialog about this tip forgets it too; another one goes on."""
    await unit.tips.cut(person, tip_id)
    form = await state.get_data()
    if tip_id in (form.get("tip"), form.get("danger_tip")):
        await state.clear()
    text = _("The link is broken. Nothing about this tip will reach you any more.")
    return Reply(text, [[choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))]])


async def ask_more(unit: Unit, person: Person, state: FSMContext, tip_id: int) -> Reply:
    """Words of danger that turned out to be none were meant for this tip: they are added."""
    tip = await unit.tips.sent(person, tip_id)
    if tip.state_type is StateType.CLOSED:
        raise TipClosed
    form = await state.get_data()
    kept = form.get("parts", []) if form.get("danger_from") == MineForm.adding.state else []
    await state.clear()
    await state.set_state(MineForm.adding)
    await state.update_data(tip=tip.id)
    text = _("Write or send what you would like to add to tip No. {number}.", number=tip.number)
    if kept:
        await unit.tips.add(person, tip.id, *(Part(**item).as_draft() for item in kept))
        text = _("Added to tip No. {number}.", number=tip.number)
    return Reply(text, [[choose("Menu", Open(what="menu"))]], open=True)


async def another_matter(state: FSMContext, unit: Unit) -> Reply:
    """The words that went to the open tip begin a new one."""
    aside = (await state.get_data()).get("aside", [])
    await state.clear()
    await state.update_data(parts=aside)
    return await ask_first(state, unit)


def show(tip: TipView, unit: Unit, code: str = "") -> Reply:
    lines = [f"№ {tip.number} · {tip.category.label}", pair(_("Status"), tip.state_name)]
    if place := own_scene_words(tip):
        lines.append(pair(_("Place of the event"), place))
    if tip.holder and tip.state_type is not StateType.CLOSED:
        lines.append(pair(_("Now with"), tip.holder))
    if tip.paused_at:
        lines.append(_("The time stands still until you answer."))
    elif tip.promised_at and tip.state_type is not StateType.CLOSED:
        lines.append(pair(_("Answer due"), moment(tip.promised_at, unit.zone)))
    if tip.outcome and tip.state_type is StateType.CLOSED:
        lines.append(pair(_("Outcome"), tip.outcome))
    choices = []
    if tip.state_type is not StateType.CLOSED:
        choices.append(choose("Add something", Mine(do="add", tip=tip.id)))
    elif tip.state == "confirmed" and tip.can_reopen:
        choices.append(choose("It has come back", Mine(do="reopen", tip=tip.id)))
    elif tip.can_reopen:
        choices.append(choose("Not solved", Mine(do="reopen", tip=tip.id)))
    if tip.identity is Identity.HIDDEN:
        choices.append(choose("Break the link", Mine(do="cut", tip=tip.id)))
    menu = [choose("My tips", Open(what="mine")), choose("Menu", Open(what="menu"))]
    secret = [receipt_words(code)] if code else []
    legal = [formal_words()] if tip.urgency is Urgency.U0 else []
    return Reply("\n\n".join(["\n".join(lines), *secret, *legal]), [*column(*choices), menu])


async def add_words(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Stays open: what follows belongs to the same tip until the menu is opened."""
    tip_id = (await state.get_data()).get("tip", 0)
    menu = [[choose("Menu", Open(what="menu"))]]
    words = added_part(message)
    try:
        tip = await unit.tips.add(person, tip_id, words)
    except (TipClosed, NotFound) as refusal:  # it was closed meanwhile: the dialog must not stay shut in it
        await state.clear()
        return Reply(_(refusal.msgid), menu)
    return Reply(_("Added to tip No. {number}.", number=tip.number), menu, open=True, tag=f"added:{tip.id}")


async def edited(edited_message: Message, unit: Unit, person: Person) -> Reply | None:
    """After sending, an edit is a version beside the first words."""
    words = edited_message.text or edited_message.caption or ""
    tip = await unit.tips.edited(person, source_of(edited_message), words)
    if tip is None:
        return None
    text = _("The change is added to tip No. {number}; the first words are kept too.", number=tip.number)
    return Reply(text, tag="edit")


async def first_word(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Answers the open question of an inspector, adds to the newest open tip, or begins a new one."""
    tip = None if person.officer else await unit.tips.open_of(person)
    is_money = money_gone_in(message.text or message.caption or "")
    if tip is None or (is_money and tip.category.code != MONEY):
        await keep_words(message, state)
        if is_money:
            return await ask_money(state)
        answer = answered_by(message.text or "")
        if answer:
            await state.set_state(TipForm.category)
            return maybe_answered(answer)
        return await ask_first(state, unit)
    asked = tip.state_type is StateType.WAITING
    place = await missing_place(message, unit, tip)
    if place is not None:
        tip = await unit.tips.tell_place(person, tip.id, place)
    else:
        tip = await unit.tips.add(person, tip.id, added_part(message))
    if asked:
        return Reply(_("Thank you, your answer is passed to the inspector."), tag=f"added:{tip.id}")
    if message.location is None and place is None:
        await set_aside(message, state)
    text = _("Added to tip No. {number}.", number=tip.number)
    return Reply(
        text, [[choose("This is another matter", Mine(do="new", tip=tip.id))]], open=True, tag=f"added:{tip.id}"
    )


async def missing_place(message: Message, unit: Unit, tip: TipView) -> PlaceDraft | None:
    """What a message to a tip out of danger that has no place yet is: a point or an address the register knows."""
    if tip.urgency is not Urgency.U0 or tip.place or tip.point is not None:
        return None
    if message.location is not None:
        point = message.location.latitude, message.location.longitude
        return PlaceDraft(point=point, spot=await unit.territory.spot_at(*point))
    words = (message.text or "").strip()
    found = await unit.territory.at_address(words) if 0 < len(words) <= LONGEST_ADDRESS else []
    if len(found) != 1 or not found[0][0].certain:
        return None
    return PlaceDraft(words, spot=Spot(found[0][1].id, PlaceSource.HOUSE))


async def set_aside(message: Message, state: FSMContext) -> None:
    """The burst that went to the open tip, should it turn out to be another matter."""
    form = await state.get_data()
    at = message.date.timestamp()
    aside = form.get("aside", []) if at - form.get("aside_at", 0.0) <= BURST_SECONDS else []
    await state.update_data(aside=[*aside, part_of(message).as_form()], aside_at=at)


async def keep_words(message: Message, state: FSMContext) -> None:
    """As the story of a tip that is not begun yet."""
    form = await state.get_data()
    if message.location is not None:
        await state.update_data(point=[message.location.latitude, message.location.longitude], place="")
    else:
        part = part_of(message).as_form()
        await state.update_data(parts=[*form.get("parts", []), part], last_at=message.date.timestamp())
