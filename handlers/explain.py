"""Why a tip went where it went, for its holder and for staff: /explain and its number."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Open
from bot.speech.explain import explain_words
from bot.speech.filters import IsOfficer

DIGITS = 12  # more than any number has


def router() -> Router:
    router = Router(name="explain")
    router.message.register(explain, Command("explain"), IsOfficer())
    return router


async def explain(_message: Message, command: CommandObject, unit: Unit, person: Person) -> Reply:
    menu = [[choose("Menu", Open(what="menu"))]]
    number = (command.args or "").strip(" №#")
    if not (number.isascii() and number.isdecimal() and len(number) <= DIGITS):
        return Reply(_("Write the number of the tip behind the command: {example}", example="/explain 1001"), menu)
    return Reply(explain_words(await unit.tips.explain(person.officer, await unit.tips.id_of(int(number)))), menu)
