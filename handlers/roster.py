"""Leave, substitutes and weekly duty: an officer sets his own days, staff and duty units those of others."""

from datetime import date, datetime

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from bot.errors import KorshiError, NotAllowed, NotFound
from bot.i18n import _
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.roster import AbsenceView, NewAbsence, NewWatch, WatchView
from bot.services.unit import Unit
from bot.speech import Reply, choose, roster
from bot.speech.calls import Rota
from bot.speech.dates import parse_date
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import RotaForm
from bot.speech.presses import StrayIn, before, stale, was_answered
from bot.speech.report import busy


def router() -> Router:
    router = Router(name="roster")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.message.register(begin, Command("leave"))
    router.message.register(find, StateFilter(RotaForm.whom), HasText())
    router.message.register(tell_first, StateFilter(RotaForm.first), HasText())
    router.message.register(tell_last, StateFilter(RotaForm.last), HasText())
    router.message.register(tell_days, StateFilter(RotaForm.days), HasText())
    router.message.register(tell_other, StrayIn(RotaForm))
    router.callback_query.register(press, Pressed("rota"), Rota.filter())
    return router


def officer_of(person: Person) -> OfficerView:
    if person.officer is None:
        raise TypeError("the router lets only officers in")
    return person.officer


async def begin(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await leave_of(unit, state, officer_of(person), officer_of(person))


async def press(
    _query: CallbackQuery, callback_data: Rota, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """A button of a step that is over is explained, not obeyed; lists may be opened at any time."""
    needed = _STATE_OF.get(callback_data.do)
    if needed is not None and raw_state not in needed:
        return stale(person, await question(unit, state, raw_state))
    if needed is None and (occupied := await busy(person, state, unit)):
        return occupied
    return await (_leave if callback_data.do in _LEAVE else _watch)(unit, person, state, callback_data)


# -- leave


async def _leave(unit: Unit, person: Person, state: FSMContext, press: Rota) -> Reply:
    by = officer_of(person)
    match press.do:
        case "who":
            await state.clear()
            await state.set_state(RotaForm.whom)
            return roster.ask_whom(await roster.others(unit, by), press.id, replaces=press.id > 0)
        case "show":
            return await leave_of(unit, state, await unit.officers.get(press.id), by)
        case "new":
            await check_right(unit, await unit.officers.get(press.id), by)
            await state.clear()
            await state.update_data(officer=press.id)
            return await go(state, RotaForm.reason, roster.ask_reason())
        case "reason":
            await state.update_data(reason=press.code if press.code in roster.REASON_NAMES else "leave")
            return await go(state, RotaForm.first, roster.ask_first(roster.today_of(unit)))
        case "days":
            return await go(state, RotaForm.first, roster.ask_first(roster.today_of(unit)))
        case "first":
            return await take_first(unit, state, parse_date(press.code, roster.today_of(unit)))
        case "last":
            first = date.fromisoformat((await state.get_data())["first"])
            return await take_last(unit, state, roster.last_day(press.code, first, roster.today_of(unit)))
        case "subs":
            return await ask_substitute(unit, state, press.id, replaces=press.id > 0)
        case "sub":
            await state.update_data(substitute=press.id)
            return await go(state, RotaForm.check, await roster.leave_check(unit, await state.get_data()))
        case "save":
            return await save(unit, by, state)
        case "ask_cancel":
            absence = await absence_by(unit, press.id)
            await check_right(unit, absence.officer, by)
            return roster.ask_cancel(absence, unit.zone)
        case "cancel":
            await unit.roster.cancel_absence(press.id, by)
    return await leave_of(unit, state, by, by)


async def go(state: FSMContext, step: State, reply: Reply) -> Reply:
    await state.set_state(step)
    return reply


async def leave_of(unit: Unit, state: FSMContext, officer: OfficerView, by: OfficerView) -> Reply:
    await check_right(unit, officer, by)
    await state.clear()
    return roster.leave_list(officer, await unit.roster.absences([officer.id], roster.today_of(unit)), by)


async def check_right(unit: Unit, officer: OfficerView, by: OfficerView) -> None:
    if not await unit.roster.may_set_absence(officer, by):
        raise NotAllowed


async def absence_by(unit: Unit, absence_id: int) -> AbsenceView:
    for absence in await unit.roster.absences(None, roster.today_of(unit)):
        if absence.id == absence_id:
            return absence
    raise NotFound


async def find(_message: Message, text: str, unit: Unit, person: Person) -> Reply:
    people = await roster.others(unit, officer_of(person))
    found = [one for one in people if text.casefold() in f"{one.name.kk}\n{one.name.ru}\n{one.badge}".casefold()]
    if not found:
        return before(_("No officer with such a name."), roster.ask_whom(people))
    return roster.ask_whom(found[: roster.PAGE])


async def tell_first(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    return await take_first(unit, state, parse_date(text, roster.today_of(unit)))


async def take_first(unit: Unit, state: FSMContext, first: date) -> Reply:
    await state.update_data(first=first.isoformat())
    return await go(state, RotaForm.last, roster.ask_last(first))


async def tell_last(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    first = date.fromisoformat((await state.get_data())["first"])
    return await take_last(unit, state, roster.last_day(text, first, roster.today_of(unit)))


async def take_last(unit: Unit, state: FSMContext, last: date) -> Reply:
    form = await state.update_data(last=last.isoformat())
    if "substitute" in form:  # only the days were to be changed
        return await go(state, RotaForm.check, await roster.leave_check(unit, form))
    return await ask_substitute(unit, state)


async def ask_substitute(unit: Unit, state: FSMContext, page: int = 0, *, replaces: bool = False) -> Reply:
    officer = await unit.officers.get((await state.get_data())["officer"])
    candidates = await roster.candidates_for(unit, officer)
    return await go(state, RotaForm.substitute, roster.ask_substitute(candidates, page, replaces=replaces))


async def save(unit: Unit, by: OfficerView, state: FSMContext) -> Reply:
    """What the roster refuses is said above the same check: days or substitute can be changed there."""
    form = await state.get_data()
    first, last = date.fromisoformat(form["first"]), date.fromisoformat(form["last"])
    new = NewAbsence(form["officer"], form["substitute"] or None, first, last, form["reason"])
    try:
        absence = await unit.roster.set_absence(new, by)
    except KorshiError as refusal:
        return before(roster.refusal_words(refusal), await roster.leave_check(unit, form))
    await state.clear()
    return roster.leave_saved(absence)


# -- watches


async def _watch(unit: Unit, person: Person, state: FSMContext, press: Rota) -> Reply:
    by = officer_of(person)
    match press.do:
        case "desk":
            return await watches_of(unit, state, press.id, by)
        case "week":
            return await take_span(unit, state, roster.week_of(unit, press.id))
        case "watchers":
            people = await unit.officers.on_desk((await state.get_data())["desk"])
            return roster.ask_watcher(people, press.id, replaces=True)
        case "watcher":
            form = await state.update_data(watcher=press.id)
            return await go(state, RotaForm.watch_check, await roster.watch_check(unit, form))
        case "save_watch":
            return await save_watch(unit, by, state)
        case "ask_drop":
            return roster.ask_drop(await watch_by(unit, by, press.id), unit)
        case "drop":
            watch = await watch_by(unit, by, press.id)
            await unit.roster.cancel_watch(watch.id, by)
            return await watches_of(unit, state, watch.desk_id, by)
    await state.clear()
    return roster.desk_list(await roster.desks_of(unit, by), press.id, replaces=press.id > 0)


async def watches_of(unit: Unit, state: FSMContext, desk_id: int, by: OfficerView) -> Reply:
    if not await unit.roster.may_set_watch(desk_id, by):
        raise NotAllowed
    await state.clear()
    await state.update_data(desk=desk_id)
    watches = await unit.roster.watches(desk_id, unit.clock.now())
    return await go(state, RotaForm.days, roster.watch_list(await unit.territory.desk(desk_id), watches, unit))


async def watch_by(unit: Unit, by: OfficerView, watch_id: int) -> WatchView:
    for desk in await roster.desks_of(unit, by):
        for watch in await unit.roster.watches(desk.id, unit.clock.now()):
            if watch.id == watch_id:
                return watch
    raise NotFound


async def tell_days(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    return await take_span(unit, state, roster.days_of(text, unit))


async def take_span(unit: Unit, state: FSMContext, span: tuple[datetime, datetime]) -> Reply:
    form = await state.update_data(starts=span[0].isoformat(), ends=span[1].isoformat())
    return await go(state, RotaForm.watcher, roster.ask_watcher(await unit.officers.on_desk(form["desk"])))


async def save_watch(unit: Unit, by: OfficerView, state: FSMContext) -> Reply:
    form = await state.get_data()
    starts, ends = roster.moments(form)
    try:
        await unit.roster.set_watch(NewWatch(form["desk"], form["watcher"], starts, ends), by)
    except KorshiError as refusal:
        return before(roster.refusal_words(refusal), await roster.watch_check(unit, form))
    return before(_("Saved."), await watches_of(unit, state, form["desk"], by))


# -- a step that is asked again

_LEAVE = (
    "list", "who", "show", "new", "reason", "days", "first", "last", "subs", "sub", "save", "ask_cancel", "cancel",
)  # fmt: skip
# Buttons that belong to a step; those of lists are not here.
_STATE_OF: dict[str, tuple[str | None, ...]] = {
    "reason": (RotaForm.reason.state,),
    "first": (RotaForm.first.state,),
    "last": (RotaForm.last.state,),
    "sub": (RotaForm.substitute.state,),
    "subs": (RotaForm.substitute.state, RotaForm.check.state),
    "days": (RotaForm.check.state,),
    "save": (RotaForm.check.state,),
    "week": (RotaForm.days.state,),
    "watchers": (RotaForm.watcher.state,),
    "watcher": (RotaForm.watcher.state,),
    "save_watch": (RotaForm.watch_check.state,),
}


async def question(unit: Unit, state: FSMContext, step: str | None) -> Reply | None:
    """What is asked at this step; None where it is a list or no step of this dialog."""
    form = await state.get_data()
    match step:
        case RotaForm.reason.state:
            return roster.ask_reason()
        case RotaForm.first.state:
            return roster.ask_first(roster.today_of(unit))
        case RotaForm.last.state:
            return roster.ask_last(date.fromisoformat(form["first"]))
        case RotaForm.substitute.state:
            return await ask_substitute(unit, state)
        case RotaForm.watcher.state:
            return roster.ask_watcher(await unit.officers.on_desk(form["desk"]))
        case RotaForm.check.state:
            return await roster.leave_check(unit, form)
        case RotaForm.watch_check.state:
            return await roster.watch_check(unit, form)
    return None


async def tell_other(message: Message, unit: Unit, state: FSMContext, raw_state: str | None) -> Reply | None:
    if await was_answered(message, state):
        return None
    asked = await question(unit, state, raw_state)
    words = _("Please choose one of the buttons.")
    return (
        Reply(words, [[choose("Leave and substitution", Rota(do="list"))]]) if asked is None else before(words, asked)
    )
