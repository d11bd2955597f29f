"""What can be done here, in a few lines; danger numbers at the end of them."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.speech import Reply, choose
from bot.speech.calls import Open, Opens
from bot.speech.faq import Asked
from bot.speech.filters import Says
from bot.speech.menu import HELP_WORDS


def router() -> Router:
    router = Router(name="help")
    router.message.register(help_message, Command("help"))
    router.message.register(help_message, Says(*HELP_WORDS))
    router.callback_query.register(help_press, Opens("help"))
    return router


def help_reply() -> Reply:
    text = _(
        "• “Send a tip”: write what happened\n"
        "• “Find my inspector”: name, address, phone\n"
        "• “My tips”: number, status, answer\n"
        "• “Is this warning ours?”: send its text or code\n"
        "• “Language”: Kazakh, Russian\n"
        "• “STOP”: get nothing any more\n"
        "If there is danger, call 102 or 112."
    )
    return Reply(text, [[choose("Frequent questions", Asked(do="list"))], [choose("Menu", Open(what="menu"))]])


async def help_message(_message: Message) -> Reply:
    return help_reply()


async def help_press(_query: CallbackQuery) -> Reply:
    return help_reply()
