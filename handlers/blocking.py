"""Blocking who sends a tip, by its alias: nobody learns who it is. A head lifts it."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.errors import N_
from bot.i18n import _
from bot.services.residents import Person
from bot.services.tips.blocking import REASONS
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column
from bot.speech.acts import Bar
from bot.speech.calls import Card, Open
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.presses import officer_of
from bot.terms import Role

WORDS = {
    "spam": N_("Advertising, spam"),
    "prank": N_("Knowingly untrue tips"),
    "insults": N_("Insults, threats to officers"),
    "flood": N_("A flood of messages"),
}


def router() -> Router:
    router = Router(name="blocking")
    router.message.filter(IsOfficer())
    router.callback_query.filter(IsOfficer())
    router.message.register(blocked, Command("blocked"), IsOfficer(Role.HEAD))
    router.callback_query.register(press, Pressed("bar"), Bar.filter())
    return router


async def press(_query: CallbackQuery, callback_data: Bar, unit: Unit, person: Person) -> Reply:
    officer, tip_id, code = officer_of(person), callback_data.tip, callback_data.code
    back = choose("Back to the card", Card(do="show", tip=tip_id))
    match callback_data.do:
        case "yes":
            alias = await unit.tips.block_sender(officer, tip_id, code)
            text = _("The sender {alias} is blocked. In danger they still get the numbers.", alias=alias)
            return Reply(text, [[back]], replaces=True)
        case "off":
            alias = await unit.tips.unblock_sender(officer, tip_id)
            menu = choose("Menu", Open(what="menu"))
            return Reply(_("The sender {alias} may write again.", alias=alias), [[menu]], replaces=True)
    tip = await unit.tips.card(officer, tip_id)
    choices = [choose(WORDS[reason], Bar(do="yes", tip=tip_id, code=reason)) for reason in REASONS]
    text = _(
        "Why should the sender {alias} be blocked? Their messages will not be accepted any more. It is written to the"
        " log of actions; the head of the department can lift it.",
        alias=tip.sender,
    )
    return Reply(text, [*column(*choices), [back]])


async def blocked(_message: Message, unit: Unit, person: Person) -> Reply:
    senders = await unit.tips.blocked_senders(officer_of(person))
    menu = [choose("Menu", Open(what="menu"))]
    if not senders:
        return Reply(_("Nobody is blocked."), [menu])
    lines = [" · ".join(filter(None, (item.alias, _(WORDS[item.reason]) if item.reason in WORDS else "")))
             for item in senders]  # fmt: skip
    choices = [
        Choice(_("Unblock {alias}", alias=item.alias), Bar(do="off", tip=item.tip_id).pack()) for item in senders
    ]
    return Reply("\n".join([_("Blocked senders:"), *lines]), [*column(*choices), menu])
