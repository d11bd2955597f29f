"""The database: does it answer, is its schema the newest, whose department is in it, do the keys fit."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.config import Settings
from bot.doctor.findings import Examination
from bot.i18n import _
from bot.services.unit import House, Units
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.store.head import is_at_head


async def check_database(settings: Settings, clock: Clock, *, has_keys: bool) -> Examination:
    found = Examination()
    url = make_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        found.fault(_("There is no database {url} yet.", url=shown), "python -m bot migrate")
        return found
    try:
        database = Database(settings.database_url)
    except ModuleNotFoundError:
        found.fault(_("The driver of PostgreSQL is not installed."), "uv sync --frozen --extra postgres")
        return found
    try:
        if await is_at_head(database):
            found.fine(_("The database {url} answers, its schema is the newest.", url=shown))
            units = Units(House(database, clock, settings.zone, settings.quiet_hours))
            await _look_into(units, settings, found, has_keys=has_keys)
        else:
            found.fault(
                _("The database {url} answers, but its schema is not the one of this version.", url=shown),
                _("make a backup, then: python -m bot migrate"),
            )
    except (SQLAlchemyError, OSError) as error:
        what = _("The database {url} does not answer ({error}).", url=shown, error=type(error).__name__)
        found.fault(what, _("check the address in KORSHI_DATABASE_URL, the rights and whether the server runs"))
    finally:
        await database.close()
    return found


async def _look_into(units: Units, settings: Settings, found: Examination, *, has_keys: bool) -> None:
    async with units.reading() as unit:
        department = await unit.territory.department()
    if department is None:
        found.fault(_("No department is loaded: tips have nobody to go to."), "python -m bot load-territory PATH")
    elif department.is_demo and settings.uses_official_host:
        found.fault(
            _("The database holds the demo department, but the messenger is the real one: Korshi will not start."),
            _("name another database in KORSHI_DATABASE_URL and load the real department"),
        )
    elif department.is_demo:
        found.fine(_("The demo department is loaded."))
    else:
        found.fine(_("The department is loaded: {name}.", name=department.name))
    if not has_keys:
        return
    keys.install(key_ring(settings))
    async with units.reading() as unit:
        is_fine = await unit.seals.fit()
    if not is_fine:
        found.fault(
            _("The keys do not fit this database: what is sealed in it cannot be read."),
            _("put back the keys that belong to this database (docs/operating/keys.md)"),
        )
