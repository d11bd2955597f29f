"""The holder's list and card: take, a step of the table, the next one, what is read aloud, the place on the map."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips import Sort
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.acts import more_reply, tips_choices
from bot.speech.calls import Card
from bot.speech.cards import card_reply, map_link, read_aloud, whole_card
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.lists import list_reply
from bot.speech.presses import officer_of, stale
from bot.speech.work import afresh, leave, readable, sort_in


def router() -> Router:
    router = Router(name="inspector")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.message.register(list_message, Command("tips"))
    router.callback_query.register(press, Pressed("card"), Card.filter())
    return router


async def list_message(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    await state.update_data(sort=None)
    return list_reply(await unit.tips.page_of(officer_of(person)))


async def press(_query: CallbackQuery, callback_data: Card, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer, tip_id = officer_of(person), callback_data.tip
    match callback_data.do:
        case "list":
            return await turn_page(callback_data, unit, officer, state)
        case "next":
            return await show_next(unit, officer, state, tip_id)
        case "take":
            return card_reply(await unit.tips.take(officer, tip_id), unit.zone, replaces=True)
        case "state":
            return card_reply(
                await unit.tips.change_state(officer, tip_id, callback_data.code), unit.zone, replaces=True
            )
        case "more":
            page = int(callback_data.code) if callback_data.code.isdecimal() else 0
            return more_reply(await readable(unit, officer, tip_id), page)
        case "aloud":
            tip = await readable(unit, officer, tip_id)
            return Reply(read_aloud(tip, unit.zone), leave(tip_id))
        case "map":
            return await show_place(unit, person, tip_id)
    await afresh(state)
    return whole_card(await unit.tips.card(officer, tip_id), unit.zone)


async def turn_page(data: Card, unit: Unit, officer: OfficerView, state: FSMContext) -> Reply:
    """A sort of its own, or from the first page of whatever was looked at."""
    sort = Sort(data.code) if data.code in set(Sort) else Sort.ALL
    await afresh(state)
    await state.update_data(sort=sort.value)
    return list_reply(await unit.tips.page_of(officer, sort, data.tip), replaces=bool(data.code))


async def show_next(unit: Unit, officer: OfficerView, state: FSMContext, tip_id: int) -> Reply:
    await afresh(state)
    following = await unit.tips.next_after(officer, tip_id, await sort_in(state))
    if following is None:
        return Reply(_("There is no other tip in this list."), tips_choices())
    return whole_card(await unit.tips.card(officer, following), unit.zone)


async def show_place(unit: Unit, person: Person, tip_id: int) -> Reply:
    tip = await readable(unit, officer_of(person), tip_id)
    if tip.point is None:
        return stale(person, card_reply(tip, unit.zone))
    head = " · ".join(word for word in (f"№ {tip.number}", tip.place) if word)
    return Reply(f"{head}\n{map_link(tip.point)}", leave(tip_id), point=tip.point)
