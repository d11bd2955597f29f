"""The commands Telegram lists in an officer's private chat: staff's above everybody's. Residents see only theirs."""

import asyncio
import hashlib
import json
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramRetryAfter
from aiogram.types import BotCommand, BotCommandScopeChat

from bot.channels.telegram_setup import PRIVATE
from bot.errors import N_
from bot.i18n import _, speaking
from bot.services.menus import MenuOwner
from bot.services.officers import OfficerView
from bot.services.unit import Units
from bot.terms import Language, Messenger, Role

log = structlog.get_logger(__name__)

EVERY = 600.0  # seconds between looks when nobody rings: a switch of the territory changes duties too
PAUSE = 1.0  # between two calls: the first start of a department with 500 officers is no burst
OWNED = timedelta(seconds=60)  # one process does it; longer than a call and its pause
WARNERS = (Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN)
ABOVE = (Role.STAFF, Role.HEAD, Role.ADMIN)
STAFF: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("tips", N_("Tips in work"), tuple(Role)),
    ("warning", N_("Write a warning"), WARNERS),
    ("approvals", N_("To approve"), ABOVE),
    ("campaigns", N_("Campaigns"), ABOVE),
    ("statistics", N_("Statistics"), ABOVE),
    ("blocked", N_("Blocked senders"), (Role.HEAD,)),
    ("invite", N_("Invite an officer"), (Role.ADMIN,)),
    ("leave", N_("Leave and substitution"), tuple(Role)),
)


def commands_for(officer: OfficerView, language: Language) -> list[BotCommand]:
    """His own first, then what everybody has."""
    own = [(name, words) for name, words, roles in STAFF if officer.has(*roles)]
    with speaking(language):
        return [BotCommand(command=name, description=_(words)) for name, words in (*own, *PRIVATE)]


class StaffMenus:
    """Puts up what has changed: after a start, a new role, a lost one, another language."""

    def __init__(self, bot: Bot, units: Units, holder: str) -> None:
        self._bot, self._units, self._holder = bot, units, holder
        self._bell = asyncio.Event()
        units.on("staff", self._bell.set)

    async def run(self) -> None:
        while True:
            self._bell.clear()
            try:
                await self.look()
            except Exception:  # a list of commands is not worth the program; the next look may fare better
                log.exception("telegram.menus_failed")
            try:
                async with asyncio.timeout(EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def look(self) -> int:
        """How many chats were changed. A refusal is logged and tried again at the next look; nothing else waits."""
        async with self._units.reading() as unit:
            owners = await unit.menus.owners(Messenger.TELEGRAM)
        changed = 0
        for owner in owners:
            commands = commands_for(owner.officer, owner.language) if owner.officer and owner.officer.duties else []
            wanted = _mark(commands)
            if wanted == owner.shown:
                continue
            async with self._units() as unit:
                if await unit.leases.hold("menus", self._holder, OWNED) is None:
                    return changed
            if changed:
                await self._units.house.clock.sleep(PAUSE)
            changed += 1
            if await self._put_up(owner, commands):
                async with self._units() as unit:
                    await unit.menus.keep(owner.endpoint_id, wanted)
        return changed

    async def _put_up(self, owner: MenuOwner, commands: list[BotCommand]) -> bool:
        scope = BotCommandScopeChat(chat_id=int(owner.address))
        try:
            if commands:
                await self._bot.set_my_commands(commands, scope=scope)
            else:  # those of everybody show again
                await self._bot.delete_my_commands(scope=scope)
        except TelegramRetryAfter as error:
            log.warning("telegram.menus_slow", seconds=error.retry_after)
            await self._units.house.clock.sleep(error.retry_after)
            return False
        except AiogramError as error:
            log.warning("telegram.menus", endpoint=owner.endpoint_id, error=type(error).__name__)
            return False
        return True


def _mark(commands: list[BotCommand]) -> int | None:
    """Which list this is, in 63 bits; None for none."""
    if not commands:
        return None
    said = json.dumps([[one.command, one.description] for one in commands]).encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:8]) >> 1
