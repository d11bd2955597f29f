"""The administrator invites officers by one-time links, and takes their access away."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import N_, KorshiError, NotFound
from bot.i18n import _, moment, ngettext
from bot.services.officers import INVITATION_LASTS, JoinedView, OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, both, choose, column
from bot.speech.calls import Open, Staff
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import StaffForm
from bot.speech.links import Links
from bot.speech.pages import pages_of, turns
from bot.speech.presses import StrayIn, before, stale, was_answered
from bot.terms import Role

PAGE = 8
INVITATION = "i_"  # what a start link says before the one-time word
ROLES = {
    Role.INSPECTOR: N_("Precinct inspector"),
    Role.DESK: N_("Specialist"),
    Role.DUTY: N_("Duty officer"),
    Role.OWN_SECURITY: N_("Own-security unit"),
    Role.STAFF: N_("Department staff"),
    Role.HEAD: N_("Head of the department"),
    Role.ADMIN: N_("Administrator of Korshi"),
}


class NotYourself(KorshiError):
    msgid = N_("You cannot take away your own access: ask another administrator.")


def router() -> Router:
    router = Router(name="staff")
    admin = IsOfficer(Role.ADMIN)
    router.message.register(begin, Command("invite"), admin)
    router.message.register(find, admin, StateFilter(StaffForm.inviting), HasText())
    router.message.register(tell_other, admin, StrayIn(StaffForm))
    gate = Pressed("staff")
    router.callback_query.register(turn_page, gate, admin, Staff.filter(F.do == "list"))
    router.callback_query.register(show, gate, admin, Staff.filter(F.do == "show"))
    router.callback_query.register(invite, gate, admin, Staff.filter(F.do == "invite"))
    router.callback_query.register(ask_revoke, gate, admin, Staff.filter(F.do == "revoke"))
    router.callback_query.register(revoke, gate, admin, Staff.filter(F.do == "revoke_yes"))
    return router


# -- whom


async def begin(_message: Message, unit: Unit, state: FSMContext) -> Reply:
    return await officers_page(unit, state)


async def turn_page(_query: CallbackQuery, callback_data: Staff, unit: Unit, state: FSMContext) -> Reply:
    return await officers_page(unit, state, callback_data.id, replaces=callback_data.id > 0)


async def officers_page(unit: Unit, state: FSMContext, page: int = 0, *, replaces: bool = False) -> Reply:
    """Those without an account first: they are the ones to invite."""
    await state.set_state(StaffForm.inviting)
    officers = sorted(await unit.officers.everyone(), key=lambda officer: officer.resident_id is not None)
    pages = pages_of(len(officers), PAGE)
    page = min(max(page, 0), pages - 1)
    choices = await officer_choices(unit, officers[page * PAGE : (page + 1) * PAGE])
    turn = turns(page, pages, lambda n: Staff(do="list", id=n))
    last = [choose("Menu", Open(what="menu"))]
    text = _(
        "Whom shall we invite? Choose an officer, or write a part of the name."
        " ✅ marks those who have an account already."
    )
    return Reply(text, [*choices, *turn, last], replaces=replaces)


async def officer_choices(unit: Unit, officers: Sequence[OfficerView]) -> list[list[Choice]]:
    choices = []
    for officer in officers:
        has_account = officer.resident_id is not None
        label = await label_of(unit, officer)
        data = Staff(do="show" if has_account else "invite", id=officer.id)
        choices.append(Choice(f"✅ {label}" if has_account else label, data.pack()))
    return column(*choices)


async def label_of(unit: Unit, officer: OfficerView) -> str:
    """«name · role · place»"""
    roles = list(dict.fromkeys(_(ROLES[duty.role]) for duty in officer.duties))
    places = dict.fromkeys([await place_of(unit, duty.precinct_id, duty.desk_id) for duty in officer.duties])
    parts = [str(officer.name), ", ".join(roles), ", ".join(place for place in places if place and place not in roles)]
    return " · ".join(part for part in parts if part)


async def place_of(unit: Unit, precinct_id: int | None, desk_id: int | None) -> str:
    try:
        if precinct_id is not None:
            return str((await unit.territory.precinct(precinct_id)).name)
        return str((await unit.territory.desk(desk_id)).name) if desk_id is not None else ""
    except NotFound:  # a precinct of an older territory
        return ""


async def find(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    wanted = text.casefold()
    found = [
        officer
        for officer in await unit.officers.everyone()
        if wanted in f"{officer.name.kk}\n{officer.name.ru}\n{officer.badge}".casefold()
    ]
    if not found:
        return before(_("No officer with such a name."), await officers_page(unit, state))
    choices = await officer_choices(unit, found[:PAGE])
    return Reply(_("Found:"), [*choices, [choose("All officers", Staff(do="list"))]])


async def tell_other(message: Message, unit: Unit, state: FSMContext) -> Reply | None:
    if await was_answered(message, state):
        return None
    words = _(
        "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
    )
    return before(words, await officers_page(unit, state))


# -- what


async def show(_query: CallbackQuery, callback_data: Staff, unit: Unit, person: Person) -> Reply:
    officer = await unit.officers.get(callback_data.id)
    if officer.resident_id is None:
        return stale(person)
    choices = [
        choose("Take away the access", Staff(do="revoke", id=officer.id)),
        choose("Invite again", Staff(do="invite", id=officer.id)),
        choose("Back", Staff(do="list")),
    ]
    lines = [
        str(officer.title),
        await label_of(unit, officer),
        joined_words(await unit.officers.joined(officer.id), unit),
    ]
    return Reply("\n".join(filter(None, lines)), column(*choices), replaces=True)


def joined_words(joined: JoinedView | None, unit: Unit) -> str:
    """Nothing for those whom the department's files or the settings gave an account."""
    if joined is None:
        return ""
    at = moment(joined.at, unit.zone)
    if joined.invited_by is None:
        return _("Joined by an invitation of the command line: {at}.", at=at)
    return _("Joined by an invitation of {officer}: {at}.", officer=joined.invited_by.title, at=at)


async def invite(_query: CallbackQuery, callback_data: Staff, unit: Unit, person: Person, channel: Links) -> Reply:
    """Two messages: what to do, and what to forward."""
    officer = await unit.officers.get(callback_data.id)
    token = await unit.officers.invite(officer.id, person.officer)
    minutes = int(INVITATION_LASTS.total_seconds() // 60)
    text = ngettext(
        "The invitation for {officer} is in the next message. It is valid for {n} minute and works once."
        " Forward it only to this officer.",
        "The invitation for {officer} is in the next message. It is valid for {n} minutes and works once."
        " Forward it only to this officer.",
        minutes,
        officer=officer.title,
    )
    link = channel.start_link(f"{INVITATION}{token}")
    greeting = both("Your invitation to Korshi. Open the link; it works once.")
    letter = Reply(f"{greeting}\n\n{link}")
    return Reply(text, [[choose("All officers", Staff(do="list")), choose("Menu", Open(what="menu"))]], then=letter)


async def ask_revoke(_query: CallbackQuery, callback_data: Staff, unit: Unit, person: Person) -> Reply:
    officer = await unit.officers.get(callback_data.id)
    if officer.resident_id is None:
        return stale(person)
    refuse_oneself(person, officer.id)
    text = _(
        "Take away the access of {officer}? The account loses every right at once; a new invitation gives it back.",
        officer=officer.title,
    )
    yes = choose("Yes, take it away", Staff(do="revoke_yes", id=officer.id))
    return Reply(text, [[yes, choose("No", Staff(do="list"))]], replaces=True)


async def revoke(_query: CallbackQuery, callback_data: Staff, unit: Unit, person: Person) -> Reply:
    officer = await unit.officers.get(callback_data.id)
    if officer.resident_id is None or person.officer is None:
        return stale(person)
    refuse_oneself(person, officer.id)
    await unit.officers.revoke(officer.id, person.officer)
    text = _("The access is taken away: {officer}.", officer=officer.title)
    return Reply(text, [[choose("All officers", Staff(do="list")), choose("Menu", Open(what="menu"))]], replaces=True)


def refuse_oneself(person: Person, officer_id: int) -> None:
    """The last administrator must not lock the door from outside."""
    if person.officer is not None and person.officer.id == officer_id:
        raise NotYourself
