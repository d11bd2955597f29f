"""The holder hands a tip over: why, where to, a few words for the next one. And why it came to him at all."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import HandoverRefused, KorshiError, NotFound, SameHolder, TipClosed
from bot.i18n import _
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips import CONFLICT, Destination, TipView
from bot.services.unit import Unit
from bot.speech import Reply, choose, choose_named, column, pair
from bot.speech.acts import tips_choices
from bot.speech.calls import Card, Hand
from bot.speech.cards import card_reply
from bot.speech.explain import explain_words
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import HandForm
from bot.speech.handing import back, cancel, listed, name_of, paged
from bot.speech.parts import TextTooLong
from bot.speech.presses import StrayIn, before, officer_of, stale, was_answered
from bot.terms import DeskKind, StateType

LONGEST = 1000  # characters of the words for the next holder
ANY_STEP = (HandForm.reason.state, HandForm.where.state, HandForm.words.state, HandForm.check.state)
AFTER_REASON = ANY_STEP[1:]
STEPS = {  # which steps of the dialog a button belongs to
    "reasons": ANY_STEP,
    "reason": (HandForm.reason.state,),
    "where": AFTER_REASON,
    "precincts": AFTER_REASON,
    "districts": AFTER_REASON,
    "district": AFTER_REASON,
    "desks": AFTER_REASON,
    "precinct": (HandForm.where.state,),
    "desk": (HandForm.where.state,),
    "up": (HandForm.where.state,),
    "skip": (HandForm.words.state,),
    "yes": (HandForm.check.state,),
}


def router() -> Router:
    router = Router(name="handover")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.callback_query.register(press, Pressed("hand"), Hand.filter())
    router.message.register(tell_words, StateFilter(HandForm.words), HasText())
    router.message.register(tell_other, StrayIn(HandForm))
    return router


async def press(
    _query: CallbackQuery, callback_data: Hand, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    officer, do = officer_of(person), callback_data.do
    match do:
        case "why":
            return await why(unit, officer, callback_data.tip)
        case "begin":
            return await begin(unit, officer, state, callback_data)
        case "cancel":
            await state.clear()
            return card_reply(await unit.tips.card(officer, callback_data.tip), unit.zone, replaces=True)
    form = await state.get_data()
    if raw_state not in STEPS.get(do, ()) or form.get("tip") != callback_data.tip:
        return stale(person)
    try:
        tip = await open_card(unit, officer, callback_data.tip)
        return await step(callback_data, unit, officer, state, tip)
    except (TipClosed, NotFound) as refusal:  # it changed hands meanwhile: the dialog must not stay shut in it
        return await leave(state, refusal)


async def step(data: Hand, unit: Unit, officer: OfficerView, state: FSMContext, tip: TipView) -> Reply:
    match data.do:
        case "reason":
            return await tell_reason(unit, state, tip, data.code)
        case "where":
            return await ask_where(unit, state, tip)
        case "precincts":
            return await ask_precinct(unit, state, tip, data.id)
        case "districts":
            return await ask_district(unit, tip, data.id)
        case "district":
            await state.update_data(district=data.id)
            return await ask_precinct(unit, state, tip)
        case "desks":
            return await ask_desk(unit, tip, data.id)
        case "precinct" | "desk" | "up":
            return await tell_where(unit, state, tip, data)
        case "skip":
            await state.update_data(words="")
            return await check(unit, state, tip)
        case "yes":
            return await hand_over(unit, officer, state, tip)
    return await ask_reason(unit, state, tip, data.id)


async def open_card(unit: Unit, officer: OfficerView, tip_id: int) -> TipView:
    tip = await unit.tips.card(officer, tip_id)
    if tip.state_type is StateType.CLOSED:
        raise TipClosed
    return tip


async def leave(state: FSMContext, refusal: KorshiError) -> Reply:
    await state.clear()
    return Reply(_(refusal.msgid, **refusal.facts), tips_choices())


async def why(unit: Unit, officer: OfficerView, tip_id: int) -> Reply:
    words = explain_words(await unit.tips.explain(officer, tip_id))
    return Reply(words, [[choose("Back to the card", Card(do="show", tip=tip_id))]])


# -- why


async def begin(unit: Unit, officer: OfficerView, state: FSMContext, data: Hand) -> Reply:
    """`code` "misroute": it is not theirs at all, so only such reasons are offered."""
    tip = await open_card(unit, officer, data.tip)
    if tip.is_restricted:
        raise HandoverRefused
    await state.clear()
    await state.update_data(tip=tip.id, misroute=data.code == "misroute")
    return await ask_reason(unit, state, tip)


async def ask_reason(unit: Unit, state: FSMContext, tip: TipView, page: int = 0) -> Reply:
    await state.set_state(HandForm.reason)
    misroute = (await state.get_data()).get("misroute")
    choices = [
        choose_named(reason.name, Hand(do="reason", tip=tip.id, code=reason.code))
        for reason in await unit.tips.handover_reasons()
        if reason.is_misroute or not misroute
    ]
    text = _("Why is tip No. {number} handed over?", number=tip.number)
    own = [[choose("Why me?", Hand(do="why", tip=tip.id)), cancel(tip)]]
    return Reply(text, [*paged(choices, page, Hand(do="reasons", tip=tip.id)), *own], replaces=True)


async def tell_reason(unit: Unit, state: FSMContext, tip: TipView, code: str) -> Reply:
    if code not in {reason.code for reason in await unit.tips.handover_reasons()}:
        raise NotFound
    await state.update_data(reason=code)
    return await ask_where(unit, state, tip)


# -- where to


async def ask_where(unit: Unit, state: FSMContext, tip: TipView, words: str = "") -> Reply:
    await state.set_state(HandForm.where)
    reason = (await state.get_data()).get("reason", "")
    choices = []
    if reason == CONFLICT:
        choices.append(choose("One rung up", Hand(do="up", tip=tip.id)))
    else:
        choices.append(choose("Another precinct", Hand(do="precincts", tip=tip.id)))
        choices.append(choose("A specialist desk", Hand(do="desks", tip=tip.id)))
        district = (await unit.territory.precinct(tip.precinct_id)).district_id if tip.precinct_id else None
        duties = [await unit.territory.duty_desk(district), await unit.territory.duty_desk(None)]
        choices += [
            choose_named(name, Hand(do="desk", tip=tip.id, id=desk_id))
            for desk_id, name in {desk.id: desk.name for desk in duties if desk.id != tip.desk_id}.items()
        ]
    choices += [
        choose_named(desk.name, Hand(do="desk", tip=tip.id, id=desk.id))
        for desk in await unit.tips.handover_desks(DeskKind.OWN_SECURITY, reason)
    ]
    text = _("Where shall tip No. {number} go?", number=tip.number)
    last = [choose("Back", Hand(do="reasons", tip=tip.id)), cancel(tip)]
    asked = Reply(text, [*column(*choices), last], replaces=True)
    return before(words, asked) if words else asked


async def ask_precinct(unit: Unit, state: FSMContext, tip: TipView, page: int = 0) -> Reply:
    """Those of the tip's own district first; another district is chosen by its name."""
    await state.set_state(HandForm.where)
    district_id = (await state.get_data()).get("district")
    if district_id is None and tip.precinct_id is not None:
        district_id = (await unit.territory.precinct(tip.precinct_id)).district_id
    if district_id is None:
        return await ask_district(unit, tip)
    choices = [
        choose_named(place.name, Hand(do="precinct", tip=tip.id, id=place.id))
        for place in await unit.territory.precincts(district_id)
        if place.id != tip.precinct_id or tip.desk_id is not None
    ]
    more = [choose("Another district", Hand(do="districts", tip=tip.id))]
    return listed(tip, choices, page, Hand(do="precincts", tip=tip.id), more)


async def ask_district(unit: Unit, tip: TipView, page: int = 0) -> Reply:
    choices = [
        choose_named(district.name, Hand(do="district", tip=tip.id, id=district.id))
        for district in await unit.territory.districts()
    ]
    return listed(tip, choices, page, Hand(do="districts", tip=tip.id))


async def ask_desk(unit: Unit, tip: TipView, page: int = 0) -> Reply:
    choices = [
        choose_named(desk.name, Hand(do="desk", tip=tip.id, id=desk.id))
        for desk in await unit.tips.handover_desks(DeskKind.DESK)
        if desk.id != tip.desk_id
    ]
    return listed(tip, choices, page, Hand(do="desks", tip=tip.id))


async def tell_where(unit: Unit, state: FSMContext, tip: TipView, data: Hand) -> Reply:
    to = Destination(
        precinct_id=data.id if data.do == "precinct" else None, desk_id=data.id if data.do == "desk" else None
    )
    await name_of(unit, to)
    await state.update_data(precinct=to.precinct_id, desk=to.desk_id)
    return await ask_words(state, tip)


# -- a few words, and the last look


async def ask_words(state: FSMContext, tip: TipView) -> Reply:
    await state.set_state(HandForm.words)
    text = _("A few words for the next one? The sender will not see them.")
    skip = choose("Without words", Hand(do="skip", tip=tip.id))
    return Reply(text, [[skip], [back(tip), cancel(tip)]], open=True, replaces=True)


async def tell_words(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    if len(text) > LONGEST:
        raise TextTooLong(length=len(text), limit=LONGEST)
    await state.update_data(words=text)
    try:
        tip = await open_card(unit, officer_of(person), (await state.get_data()).get("tip", 0))
        return await check(unit, state, tip)
    except (TipClosed, NotFound) as refusal:
        return await leave(state, refusal)


async def tell_other(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply | None:
    if await was_answered(message, state):
        return None
    try:
        tip = await open_card(unit, officer_of(person), (await state.get_data()).get("tip", 0))
    except (TipClosed, NotFound) as refusal:
        return await leave(state, refusal)
    asked = await ask_again(unit, state, tip)
    return before(_("Please choose one of the buttons."), asked)


async def ask_again(unit: Unit, state: FSMContext, tip: TipView) -> Reply:
    match await state.get_state():
        case HandForm.where.state:
            return await ask_where(unit, state, tip)
        case HandForm.words.state:
            return await ask_words(state, tip)
        case HandForm.check.state:
            return await check(unit, state, tip)
    return await ask_reason(unit, state, tip)


async def check(unit: Unit, state: FSMContext, tip: TipView) -> Reply:
    await state.set_state(HandForm.check)
    form = await state.get_data()
    reasons = {reason.code: reason.name for reason in await unit.tips.handover_reasons()}
    lines = [
        _("Tip No. {number} will be handed over.", number=tip.number),
        pair(_("Reason"), reasons.get(form.get("reason", ""), "")),
        pair(_("Goes to"), await name_of(unit, destination_in(form))),
    ]
    if form.get("words"):
        lines.append(pair(_("Words"), form["words"]))
    if form.get("reason") == CONFLICT:
        lines.append(_("You will not see this tip any more."))
    yes = choose("Hand over", Hand(do="yes", tip=tip.id))
    return Reply("\n".join(lines), [[yes], [back(tip), cancel(tip)]], replaces=True)


def destination_in(form: dict[str, int | None]) -> Destination:
    return Destination(form.get("precinct"), form.get("desk"))


async def hand_over(unit: Unit, officer: OfficerView, state: FSMContext, tip: TipView) -> Reply:
    form = await state.get_data()
    try:
        moved = await unit.tips.hand_over(
            officer, tip.id, form.get("reason", ""), destination_in(form), form.get("words", "")
        )
    except SameHolder as refusal:
        return await ask_where(unit, state, tip, _(refusal.msgid))
    await state.clear()
    text = _("Tip No. {number} is handed over.", number=moved.number)
    if moved.holder is not None:
        text = _("Tip No. {number} is handed over. Now with: {holder}.", number=moved.number, holder=moved.holder)
    return Reply(text, tips_choices(), replaces=True)
