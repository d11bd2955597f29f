"""What the command line does with keys and the chain of the audit: sealing anew, looking whether it holds."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.commands import units_of
from bot.config import Settings
from bot.errors import N_, KorshiError
from bot.i18n import _
from bot.services.unit import Units

Say = Callable[[str], None]
FILES_AT_ONCE = 200


class ChainBroken(KorshiError):
    msgid = N_("The chain of the audit is broken: entry {entry} was changed, or the one before it is missing.")


async def verify_audit(settings: Settings, say: Say) -> None:
    """Raises ChainBroken with the first entry that does not hold."""
    units = units_of(settings)
    try:
        async with units.reading() as unit:
            count, broken = await unit.audit.verify()
    finally:
        await units.house.database.close()
    if broken is not None:
        raise ChainBroken(entry=broken)
    say(_("The chain of the audit holds. Entries: {count}.", count=count))


async def reseal(settings: Settings, say: Say) -> None:
    """Every sealed value and file, table by table. Stopped half way it goes on from what is left, said once more."""
    units = units_of(settings)
    try:
        async with units.reading() as unit:
            tables = {table: await unit.seals.rows(table) for table in unit.seals.tables()}
        for table, total in tables.items():
            if total:
                await _reseal_table(units, table, total, say)
        await _reseal_files(settings, units, say)
    finally:
        await units.house.database.close()


async def _reseal_table(units: Units, table: str, total: int, say: Say) -> None:
    done = resealed = 0
    after = None
    while True:
        async with units() as unit:
            page = await unit.seals.reseal(table, after)
        done, resealed, after = done + page.rows, resealed + page.resealed, page.last
        say(_progress(table, done, max(total, done), resealed))
        if after is None:
            return


async def _reseal_files(settings: Settings, units: Units, say: Say) -> None:
    from bot.files import Files  # it knows the messengers: seconds of imports

    files = Files(settings.media_dir, units, units.house.clock, settings.public_url)
    paths = await asyncio.to_thread(_files_in, settings.media_dir)
    resealed = 0
    for number, path in enumerate(paths, 1):
        resealed += await asyncio.to_thread(files.reseal, path)
        if number % FILES_AT_ONCE == 0 or number == len(paths):
            say(_progress("media", number, len(paths), resealed))


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("??/*") if path.is_file())


def _progress(table: str, done: int, total: int, count: int) -> str:
    return _(
        "{table}: {done} of {total} looked at, {count} sealed anew.", table=table, done=done, total=total, count=count
    )
