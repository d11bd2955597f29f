"""Tables for other programs, as CSV lines."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot.bundler import json_of, pdf_of, read_pictures
from bot.commands import units_of
from bot.config import Settings
from bot.errors import N_, KorshiError, NotFound
from bot.files import Files
from bot.i18n import _, speaking
from bot.services.statistics import Routed
from bot.terms import Language, Rung

FORMULA = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet would run
USUAL = timedelta(days=30)


async def misroutes(settings: Settings, since: date | None) -> list[str]:
    """How many tips first went to a wrong holder: in all, by category, by border; and what silence moved, by rung."""
    units = units_of(settings)
    begin = (
        units.house.clock.now() - USUAL
        if since is None
        else datetime.combine(since, time(), settings.zone).astimezone(UTC)
    )
    try:
        async with units.reading() as unit:
            routed = await unit.statistics.routed(begin)
    finally:
        await units.house.database.close()
    return csv_lines(_table(routed))


def _table(routed: Routed) -> Iterable[Sequence[object]]:
    yield "what", "name_kk", "name_ru", "tips", "moved", "percent"
    yield "all", "", "", routed.tips, routed.misrouted, _percent(routed.misrouted, routed.tips)
    for what, shares in (("category", routed.categories), ("border", routed.borders)):
        for share in shares:
            kk, ru = (share.name.kk, share.name.ru) if share.name else ("…", "…")
            yield what, kk, ru, share.tips, share.moved, _percent(share.moved, share.tips)
    for rung in routed.rungs:
        kk, ru = (_rung_in(rung.rung, language) for language in Language)
        yield "silence", kk, ru, rung.tips, rung.moved, _percent(rung.moved, rung.tips)


def _rung_in(rung: Rung, language: Language) -> str:
    from bot.speech.moves import RUNGS  # the words of dialogs cost seconds to import

    with speaking(language):
        return _(RUNGS[rung]) if rung in RUNGS else rung.value


def _percent(moved: int, tips: int) -> str:
    return f"{100 * moved / tips:.1f}" if tips else ""


class NoEvidence(KorshiError):
    msgid = N_("There is no tip with this number, or only own security may know of it.")


async def evidence(settings: Settings, number: int, folder: Path, say: Callable[[str], None]) -> None:
    """The bundle of one tip as a PDF and a JSON file, readable by their owner alone. It is written to the audit."""
    units = units_of(settings)
    files = Files(settings.media_dir, units, units.house.clock, settings.public_url)
    try:
        async with units() as unit:
            try:
                bundle = await unit.tips.evidence(None, await unit.tips.id_of(number))
            except NotFound:
                raise NoEvidence from None
        pictures = await read_pictures(bundle, files)
    finally:
        await units.house.database.close()
    now = units.house.clock.now().astimezone(settings.zone)
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in (("pdf", pdf_of(bundle, pictures, now)), ("json", json_of(bundle, now))):
        path = folder / f"evidence-{number}.{suffix}"
        path.touch(mode=0o600)
        path.write_bytes(content)
        say(str(path))


def csv_lines(rows: Iterable[Sequence[object]]) -> list[str]:
    """Semicolons, as the department's spreadsheets read them. No cell is ever a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().splitlines()


def _harmless(cell: object) -> object:
    """One line; a number stays a number."""
    if not isinstance(cell, str):
        return cell
    text = " ".join(cell.split())
    return f"'{text}" if text.startswith(FORMULA) else text
