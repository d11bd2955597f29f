"""A picture that says where it was taken: whether that is the place of the event."""

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Open, PicturePoint
from bot.speech.files import point_question
from bot.speech.filters import Pressed


def router() -> Router:
    router = Router(name="pictures")
    router.callback_query.register(press, Pressed("pic"), PicturePoint.filter())
    return router


async def press(_query: CallbackQuery, callback_data: PicturePoint, unit: Unit, person: Person) -> Reply:
    menu = [[choose("Menu", Open(what="menu"))]]
    if callback_data.do == "read":
        number = await unit.tips.pictured(person, callback_data.part)
        return replace(point_question(number, callback_data.part), replaces=True)
    if callback_data.do != "yes":
        await unit.tips.forget_point(person, callback_data.part)
        return Reply(_("The place of the picture is not used and is forgotten."), menu, replaces=True)
    point = await unit.tips.picture_point(person, callback_data.part)
    tip = await unit.tips.take_point(person, callback_data.part, await unit.territory.spot_at(*point))
    return Reply(_("The place is added to No. {number}.", number=tip.number), menu, replaces=True)
