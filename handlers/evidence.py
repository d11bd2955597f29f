"""The evidence of a tip as files, for the officer who holds it."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import NotAllowed
from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.acts import Bundled
from bot.speech.calls import Card
from bot.speech.filters import IsOfficer, Pressed
from bot.speech.presses import officer_of


def router() -> Router:
    router = Router(name="evidence")
    router.callback_query.register(press, Pressed("evid"), IsOfficer(), Bundled.filter())
    return router


async def press(_query: CallbackQuery, callback_data: Bundled, unit: Unit, person: Person) -> Reply:
    """The files follow as soon as they are made. A messenger that carries numbers only gets none."""
    officer, tip_id = officer_of(person), callback_data.tip
    if officer.has_brief_pings:
        raise NotAllowed
    number = await unit.tips.want_bundle(officer, tip_id, person)
    text = _("The evidence of tip No. {number} is being made: two files follow, a PDF and a JSON.", number=number)
    return Reply(text, [[choose("Back to the card", Card(do="show", tip=tip_id))]])
