"""What the command line does with the territory: load, compare, switch, go back, draw."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.commands import TerritoryNotLoaded, units_of
from bot.config import Settings
from bot.errors import N_, KorshiError
from bot.i18n import _, moment, set_language
from bot.services.territory import (
    Activated,
    Comparison,
    Edition,
    GenerationView,
    Placing,
    StoredPhoto,
    build,
    compare,
    edition_of_files,
    portions,
)
from bot.services.territory_files import DepartmentFiles, Known, TerritoryRefused, read_department
from bot.services.unit import Units
from bot.store.head import is_at_head
from bot.terms import Language

LARGEST_PHOTO = 10 * 1024 * 1024

Say = Callable[[str], None]


class SchemaOld(KorshiError):
    msgid = N_("The database is not at the newest schema. Run: python -m bot migrate")


class NothingToCompare(KorshiError):
    msgid = N_("There is nothing to compare: no generation waits to be activated.")


@asynccontextmanager
async def _units(settings: Settings) -> AsyncIterator[Units]:
    set_language(Language.RU)
    units = units_of(settings)
    try:
        yield units
    finally:
        await units.house.database.close()


async def load(settings: Settings, path: Path, *, is_dry: bool, activate: bool, say: Say) -> None:
    """Nothing is written unless all of it is right. The first territory is activated at once, later ones wait."""
    set_language(Language.RU)
    if is_dry:
        await _try(settings, path, say)
        return
    async with _units(settings) as units:
        if not await is_at_head(units.house.database):
            raise SchemaOld
        async with units.reading() as unit:
            known, is_first = await unit.territory.known(settings.zone), await unit.territory.active() is None
        files = _read(path, known, say)
        generation_id = await _write(settings, units, files, path.resolve().name)
        say(
            _(
                "Loaded: {districts} districts, {precincts} precincts, {houses} house rows, {officers} officers,"
                " {chats} chats.",
                **_sizes(files),
            )
        )
        if is_first or activate:
            _say_activated(await _activate(units, generation_id), say)
        else:
            say(
                _(
                    "Generation {number} is loaded and not active. Look: python -m bot territory compare {number}."
                    " Switch: python -m bot territory activate {number}",
                    number=generation_id,
                )
            )


def _sizes(files: DepartmentFiles) -> dict[str, int]:
    """How much of each, as the sentences about a load name it."""
    return {name: len(getattr(files, name)) for name in ("districts", "precincts", "houses", "officers", "chats")}


def _read(path: Path, known: Known | None, say: Say) -> DepartmentFiles:
    try:
        return read_department(path, known)
    except TerritoryRefused as refused:
        for fault in refused.faults:
            say(str(fault))
        raise TerritoryNotLoaded from None


async def _try(settings: Settings, path: Path, say: Say) -> None:
    """The check, and what would change; without a database, or a territory in it, there is only the check."""
    async with _units(settings) as units:
        before, known = None, None
        if await is_at_head(units.house.database):
            async with units.reading() as unit:
                known = await unit.territory.known(settings.zone)
                if (active := await unit.territory.active()) is not None:
                    before, live = await unit.territory.edition(active), await unit.territory.live()
        files = _read(path, known, say)
        say(
            _(
                "Everything is right. It would load: {districts} districts, {precincts} precincts, {houses} house rows,"
                " {officers} officers, {chats} chats.",
                **_sizes(files),
            )
        )
        if before is not None:
            _say_comparison(compare(before, edition_of_files(files, before, path.name), live), say)


async def _write(settings: Settings, units: Units, files: DepartmentFiles, source: str) -> int:
    """Portion by portion, each its own transaction: a running Korshi writes its tips in between."""
    photos = await _shelve(settings, units, files)
    async with units() as unit:
        generation_id = await unit.territory.begin(files, source)
    for portion in portions(files):
        async with units() as unit:
            await unit.territory.add(generation_id, portion)
    async with units() as unit:
        await unit.territory.finish(generation_id, files, photos)
    return generation_id


async def _shelve(settings: Settings, units: Units, files: DepartmentFiles) -> dict[str, StoredPhoto]:
    if not any(officer.photo for officer in files.officers):
        return {}
    from bot.files import Files  # it knows the messengers: seconds of imports

    shelf = Files(settings.media_dir, units, units.house.clock, settings.public_url)
    found = {}
    for officer in files.officers:
        if officer.photo is not None:
            digest, size = await shelf.keep(_once(officer.photo.content), LARGEST_PHOTO)
            found[officer.badge] = StoredPhoto(digest, size, officer.photo.mime)
    return found


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _activate(units: Units, generation_id: int) -> Activated:
    """Chats are placed ahead of the transaction: addresses are looked up while nobody waits."""
    async with units.reading() as unit:
        chats = await unit.territory.placed_chats()
        rows = await unit.territory.rows(generation_id) if chats else None
    placing = None
    if rows is not None:
        placing = Placing(build(rows))
        placing.warm(chats)
    async with units() as unit:
        return await unit.territory.activate(generation_id, placing)


def _say_activated(done: Activated, say: Say) -> None:
    say(
        _(
            "Generation {number} is active. Chats moved: {chats}, unbound: {unbound}. Residents asked again:"
            " {residents}.",
            number=done.generation_id,
            chats=done.chats_moved,
            unbound=done.chats_unbound,
            residents=done.residents_asked,
        )
    )
    if done.residents_settled:
        say(_("Residents who have their own precinct again: {residents}.", residents=done.residents_settled))


async def activate(settings: Settings, generation_id: int, say: Say) -> None:
    async with _units(settings) as units:
        _say_activated(await _activate(units, generation_id), say)


async def go_back(settings: Settings, say: Say) -> None:
    async with _units(settings) as units:
        async with units.reading() as unit:
            former = await unit.territory.former_generation()
        _say_activated(await _activate(units, former), say)


async def generations(settings: Settings) -> list[str]:
    async with _units(settings) as units:
        async with units.reading() as unit:
            found = await unit.territory.generations()
        return [_line(one, settings) for one in found] or [_("No territory is loaded.")]


def _line(one: GenerationView, settings: Settings) -> str:
    if one.is_active:
        state = _("active since {at}", at=moment(one.activated_at or one.loaded_at, settings.zone))
    elif not one.is_whole:
        state = _("broken off")
    elif one.activated_at:
        state = _("was active from {at}", at=moment(one.activated_at, settings.zone))
    else:
        state = _("waits")
    loaded = _("loaded {at}", at=moment(one.loaded_at, settings.zone))
    return f"{one.id}  {state}  ({loaded}, {one.source})" if one.source else f"{one.id}  {state}  ({loaded})"


async def comparison(settings: Settings, generation_id: int | None, html: Path | None, say: Say) -> None:
    """The active generation beside another, the newest that waits when none is named."""
    from bot.maps import comparison_page

    async with _units(settings) as units:
        async with units.reading() as unit:
            if generation_id is None:
                generation_id = _newest_waiting(await unit.territory.generations())
            before = await unit.territory.edition(await unit.territory.active())
            after = await unit.territory.edition(generation_id)
            live = await unit.territory.live(after.left_at)
        found = compare(before, after, live)
        _say_comparison(found, say)
        if html is not None:
            _put(html, comparison_page(found, before, after))
            say(_("The page with the map: {path}", path=html))


def _newest_waiting(found: list[GenerationView]) -> int:
    for one in found:
        if one.is_whole and not one.is_active and one.activated_at is None:
            return one.id
    raise NothingToCompare


def _say_comparison(found: Comparison, say: Say) -> None:
    for line in _lines(found):
        say(line)


def _lines(found: Comparison) -> Iterator[str]:
    from bot.maps import text_lines

    return text_lines(found)


async def draw(settings: Settings, path: Path, say: Say) -> None:
    """The active territory as a page with a map."""
    from bot.maps import territory_page

    async with _units(settings) as units:
        async with units.reading() as unit:
            edition: Edition = await unit.territory.edition(await unit.territory.active())
            department = await unit.territory.department()
        _put(path, territory_page(edition, department.name if department else None))
        say(_("The page with the map: {path}", path=path))


def _put(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
