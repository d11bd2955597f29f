"""The holder tells a group what became of a tip that began there: looked at first, then said once."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import NotAllowed
from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Card, Tell
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.groups import outcome_words


def router() -> Router:
    router = Router(name="telling")
    router.callback_query.filter(IsOfficer())
    router.callback_query.register(press, Pressed("tell"), Tell.filter())
    return router


async def press(_query: CallbackQuery, callback_data: Tell, unit: Unit, person: Person) -> Reply:
    if person.officer is None:
        raise NotAllowed
    back = choose("Back to the card", Card(do="show", tip=callback_data.tip))
    if callback_data.do == "yes":
        said = await unit.tips.tell_group(person.officer, callback_data.tip)
        return Reply(_("On its way to the group “{chat}”.", chat=said.chat), [[back]], replaces=True)
    said = await unit.tips.group_outcome(person.officer, callback_data.tip)
    head = _("This will be said in the group “{chat}”, once, without names and addresses:", chat=said.chat)
    asked = _("Can nobody be recognised by it?")
    text = "\n\n".join([head, outcome_words(said.category, said.outcome), asked])
    return Reply(text, [[choose("Say it", Tell(do="yes", tip=callback_data.tip)), back]])
