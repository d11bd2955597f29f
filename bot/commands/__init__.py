"""What the command line does, one function a command."""

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import SystemClock
from bot.config import Settings
from bot.errors import N_, KorshiError, NotFound
from bot.i18n import Bilingual
from bot.late_models import import_late
from bot.services.officers import NewOfficer
from bot.services.unit import House, Units
from bot.setup import key_ring
from bot.store.database import Database
from bot.store.keys import install
from bot.store.migrate import migrate
from bot.terms import Role


class UnknownOfficer(KorshiError):
    msgid = N_("There is no officer with badge {badge}. To add one, give --role, --name-kk and --name-ru.")


class UnknownRole(KorshiError):
    msgid = N_("There is no role {role}. Roles: {roles}")


class TerritoryNotLoaded(KorshiError):
    msgid = N_("Nothing was loaded. Put right what is listed above and try again.")


@dataclass(frozen=True, slots=True)
class Invitee:
    badge: str
    role: str | None
    name_kk: str
    name_ru: str
    minutes: int


def units_of(settings: Settings) -> Units:
    install(key_ring(settings))
    database = Database(settings.database_url)
    return Units(House(database, SystemClock(), settings.zone, settings.quiet_hours))


async def migrate_database(settings: Settings, revision: str) -> None:
    database = Database(settings.database_url)
    await migrate(database, revision)
    if revision == "head":
        async with Units(House(database, SystemClock(), settings.zone, settings.quiet_hours))() as unit:
            await unit.seeds.sow()
    await database.close()


async def invite_officer(settings: Settings, invitee: Invitee) -> list[str]:
    units = units_of(settings)
    try:
        async with units() as unit:
            try:
                officer = await unit.officers.by_badge(invitee.badge)
            except NotFound:
                if not (invitee.role and invitee.name_kk and invitee.name_ru):
                    raise UnknownOfficer(badge=invitee.badge) from None
                if invitee.role not in set(Role):
                    raise UnknownRole(role=invitee.role, roles=", ".join(Role)) from None
                name = Bilingual(invitee.name_kk, invitee.name_ru)
                officer = await unit.officers.add(NewOfficer(invitee.badge, name, Role(invitee.role)))
            token = await unit.officers.invite(officer.id, None, timedelta(minutes=invitee.minutes))
    finally:
        await units.house.database.close()
    return await start_links(settings, f"i_{token}")


async def start_links(settings: Settings, payload: str) -> list[str]:
    """Addresses that open a private chat with this payload, one a messenger that is on."""
    links = []
    if settings.telegram_token is not None:
        username = await telegram_username(settings)
        links.append(f"https://t.me/{username}?start={payload}")
    if settings.twilio_whatsapp_from:
        links.append(f"https://wa.me/{settings.twilio_whatsapp_from.removeprefix('+')}?text=start%20{payload}")
    return links or [payload]


async def telegram_username(settings: Settings) -> str:
    import_late()
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    token = settings.telegram_token.get_secret_value() if settings.telegram_token else ""
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.telegram_api_url), timeout=10)
    async with Bot(token, session=session) as bot:
        return (await bot.get_me()).username or ""


async def poster_links(settings: Settings) -> list[str]:
    units = units_of(settings)
    async with units.reading() as unit:
        precincts = await unit.territory.precincts()
    await units.house.database.close()
    lines = ["code;name_kk;name_ru;links"]
    for place in precincts:
        links = " ".join(await start_links(settings, f"p_{place.code}"))
        lines.append(f"{place.code};{place.name.kk};{place.name.ru};{links}")
    return lines
