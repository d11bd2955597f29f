"""What an officer's messenger may carry: whole cards, or number and category only; his own choice or that of staff."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import NotAllowed
from bot.i18n import _
from bot.services.officers import SETS_PINGS, OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.calls import Open, Pings
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import PingsForm
from bot.speech.presses import StrayIn, before, officer_of

FOUND = 8


def router() -> Router:
    router = Router(name="pings")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.callback_query.register(press, Pressed("ping"), Pings.filter())
    router.message.register(find, StateFilter(PingsForm.whose), HasText())
    router.message.register(tell_other, StrayIn(PingsForm))
    return router


async def press(_query: CallbackQuery, callback_data: Pings, unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer, do = officer_of(person), callback_data.do
    if do == "others":
        if not officer.has(*SETS_PINGS):
            raise NotAllowed
        await state.clear()
        await state.set_state(PingsForm.whose)
        return whose()
    whom = callback_data.id or officer.id
    if do in ("on", "off"):
        changed = await unit.officers.set_pings(whom, officer, brief=do == "on")
        return setting(changed, officer, replaces=True)
    if whom != officer.id and not officer.has(*SETS_PINGS):
        raise NotAllowed
    await state.clear()
    return setting(await unit.officers.get(whom), officer)


def setting(of: OfficerView, reader: OfficerView, *, replaces: bool = False) -> Reply:
    if of.has_brief_pings:
        now = _("The messages about tips say number and category only; the rest is read on the department's computer.")
        turn = choose("Send whole cards", Pings(do="off", id=of.id))
    else:
        now = _("The messages about tips carry whole cards.")
        turn = choose("Number and category only", Pings(do="on", id=of.id))
    text = now if of.id == reader.id else f"{of.title}\n{now}"
    last: list[Choice] = [choose("Menu", Open(what="menu"))]
    if reader.has(*SETS_PINGS):
        last.insert(0, choose("Another officer", Pings(do="others")))
    return Reply(text, [[turn], last], replaces=replaces)


def whose() -> Reply:
    menu = choose("Menu", Open(what="menu"))
    return Reply(_("Write a part of the officer's name or his badge."), [[menu]], open=True)


async def find(_message: Message, text: str, unit: Unit, person: Person) -> Reply:
    if not officer_of(person).has(*SETS_PINGS):
        raise NotAllowed
    wanted = text.casefold()
    found = [
        officer
        for officer in await unit.officers.everyone()
        if wanted in f"{officer.name.kk}\n{officer.name.ru}\n{officer.badge}".casefold()
    ]
    if not found:
        return before(_("No officer with such a name."), whose())
    choices = [choose_named(officer.title, Pings(do="show", id=officer.id)) for officer in found[:FOUND]]
    return Reply(_("Found:"), [*column(*choices), [choose("Menu", Open(what="menu"))]])


async def tell_other(_message: Message) -> Reply:
    return whose()
