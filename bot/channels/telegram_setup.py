"""What the program puts up at Telegram itself: commands, descriptions, the menu, the webhook."""

from collections.abc import Awaitable, Callable

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    MenuButtonCommands,
)

from bot.channels.telegram import TelegramChannel
from bot.config import Settings
from bot.errors import N_
from bot.i18n import _, speaking
from bot.terms import Language

log = structlog.get_logger(__name__)

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
PRIVATE = (
    ("start", N_("Begin")),
    ("menu", N_("Menu")),
    ("tip", N_("Send a tip")),
    ("mine", N_("My tips")),
    ("inspector", N_("Find my inspector")),
    ("verify", N_("Check an inspector")),
    ("proof", N_("Is this warning ours?")),
    ("subscriptions", N_("Warnings: on or off")),
    ("language", N_("Language")),
    ("cancel", N_("Cancel what you are writing")),
    ("stop", N_("Get nothing any more")),
    ("help", N_("Help")),
)
GROUP = (
    ("inspector", N_("Find my inspector")),
    ("tip", N_("Send a tip privately")),
    ("help", N_("Help")),
)
DESCRIPTION = N_(
    "Korshi is the chat bot of the police department. Tell what happened, find your precinct inspector, get warnings"
    " about fraud. If there is danger, call 102 or 112."
)
SHORT = N_("Chat bot of the police department: tips, your inspector, warnings")

# Unknown languages fall to the default set: it is Kazakh, the first language here.
LANGUAGES: tuple[tuple[str | None, Language], ...] = ((None, Language.KK), ("kk", Language.KK), ("ru", Language.RU))


async def introduce(channel: TelegramChannel) -> None:
    """Idempotent: reads what is there and writes what differs. A refusal is logged, the bot works without it,
    and nobody waits for it: it is a dozen questions to a server far away."""
    bot = channel.bot
    for code, language in LANGUAGES:
        with speaking(language):
            private = [BotCommand(command=name, description=_(words)) for name, words in PRIVATE]
            group = [BotCommand(command=name, description=_(words)) for name, words in GROUP]
            description, short = _(DESCRIPTION), _(SHORT)
        for scope, wanted in (
            (BotCommandScopeAllPrivateChats(), private),
            (BotCommandScopeAllGroupChats(), group),
        ):
            await _quietly(_commands(bot, scope, code, wanted))
        await _quietly(_description(bot, code, description, short))
    await _quietly(lambda: bot.set_chat_menu_button(menu_button=MenuButtonCommands()))


def _commands(
    bot: Bot,
    scope: BotCommandScopeAllPrivateChats | BotCommandScopeAllGroupChats,
    code: str | None,
    wanted: list[BotCommand],
) -> Callable[[], Awaitable[object]]:
    async def write() -> None:
        if await bot.get_my_commands(scope=scope, language_code=code) != wanted:
            await bot.set_my_commands(wanted, scope=scope, language_code=code)

    return write


def _description(bot: Bot, code: str | None, words: str, short: str) -> Callable[[], Awaitable[object]]:
    async def write() -> None:
        if (await bot.get_my_description(language_code=code)).description != words:
            await bot.set_my_description(words, language_code=code)
        if (await bot.get_my_short_description(language_code=code)).short_description != short:
            await bot.set_my_short_description(short, language_code=code)

    return write


async def set_webhook(channel: TelegramChannel, settings: Settings) -> None:
    """With a public address Telegram calls us; without one we ask, and a webhook left over would be in the way."""
    bot = channel.bot
    if settings.public_url is None:
        await bot.delete_webhook(drop_pending_updates=False)
        return
    secret = settings.telegram_webhook_secret
    await bot.set_webhook(
        f"{settings.public_url}/telegram/webhook",
        secret_token=secret.get_secret_value() if secret else None,
        allowed_updates=ALLOWED,
        max_connections=40,
    )


async def _quietly(call: Callable[[], Awaitable[object]]) -> None:
    try:
        await call()
    except AiogramError as error:
        log.warning("telegram.setup", error=type(error).__name__)
