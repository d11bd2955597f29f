"""What a holder's dialogs share: the way back to the card, the list he came from, what must not be said here."""

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State

from bot.errors import ReadAtDesk, StepNotLegal, TipClosed
from bot.services.officers import OfficerView
from bot.services.tips import Sort, TipView
from bot.services.unit import Unit
from bot.speech import Choice, choose
from bot.speech.calls import Card
from bot.terms import StateType


async def open_card(unit: Unit, officer: OfficerView, tip_id: int, step: str) -> TipView:
    """An old button, of a tip that is over or at another step now, is refused before the officer writes a word."""
    tip = await readable(unit, officer, tip_id)
    if tip.state_type is StateType.CLOSED:
        raise TipClosed
    if step not in tip.steps.acts:
        raise StepNotLegal(status=tip.state_name)
    return tip


async def readable(unit: Unit, officer: OfficerView, tip_id: int) -> TipView:
    """Raises ReadAtDesk where this officer's messenger carries number and category only."""
    tip = await unit.tips.card(officer, tip_id)
    if tip.is_brief:
        raise ReadAtDesk
    return tip


async def sort_in(state: FSMContext) -> Sort:
    """Which of his tips he was looking at."""
    sort = (await state.get_data()).get("sort", Sort.ALL)
    return Sort(sort) if sort in set(Sort) else Sort.ALL


async def afresh(state: FSMContext, step: State | None = None, tip_id: int | None = None) -> None:
    """Whatever was open ends; the list he came from is remembered."""
    sort = await sort_in(state)
    await state.clear()
    await state.set_state(step)
    if sort is not Sort.ALL:
        await state.update_data(sort=sort.value)
    if tip_id is not None:
        await state.update_data(tip=tip_id)


def to_card(tip_id: int) -> Choice:
    return choose("Back to the card", Card(do="show", tip=tip_id))


def leave(tip_id: int) -> list[list[Choice]]:
    return [[to_card(tip_id)]]
