"""Checked files become a generation: unseen until it is activated, so that it may be written in short portions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, insert, literal, select

from bot.errors import N_, KorshiError
from bot.services.territory.activating import TerritoryActivated
from bot.services.territory.applying import write_districts, write_precincts
from bot.services.territory.lists import lists_of
from bot.services.territory.standing import codes_of, pairs, slices, standing
from bot.services.territory.views import Loaded, StoredPhoto
from bot.services.territory_files import DepartmentFiles, Known
from bot.store.base import new_id
from bot.store.media import Media
from bot.store.officers import Officer
from bot.store.territory import Border, Department, Desk, Generation, House, Precinct
from bot.terms import DeskKind, Messenger, PartKind

ROWS_AT_ONCE = 2_000
"""Of one portion: SQLite's one writer is held for a tenth of a second, and tips go on being written in between."""

BROKEN_AFTER = timedelta(hours=1)
_NO_PHOTOS: Mapping[str, StoredPhoto] = MappingProxyType({})


class CodesUnknown(KorshiError):
    msgid = N_("The lists name places that neither these files nor the active territory have: {codes}.")


class BordersMissing(KorshiError):
    msgid = N_("There are no borders yet. Load the department's whole folder first.")


class TerritoryLoaded(TerritoryActivated):
    async def load(
        self,
        files: DepartmentFiles,
        *,
        is_activated: bool = True,
        source: str = "",
        photos: Mapping[str, StoredPhoto] = _NO_PHOTOS,
    ) -> Loaded:
        """All of it in this one transaction; a region is loaded portion by portion instead: begin, add, finish."""
        generation_id = await self.begin(files, source)
        for portion in portions(files):
            await self.add(generation_id, portion)
        await self.finish(generation_id, files, photos)
        if is_activated:
            await self.activate(generation_id)
        return loaded(generation_id, files, is_active=is_activated)

    async def begin(self, files: DepartmentFiles, source: str = "") -> int:
        """An empty generation nobody sees. Raises BordersMissing, and CodesUnknown where a name is of nowhere."""
        await self._check_codes(files)
        await self._drop_broken()
        if files.precincts:
            names = lists_of(files, {})
            districts = await write_districts(self._session, names["districts"], only_new=True)
            await write_precincts(self._session, names["precincts"], districts, only_new=True)
        generation = Generation(loaded_at=self._clock.now(), activated_at=None, is_active=False, source=source)
        self._session.add(generation)
        await self._session.flush()
        return generation.id

    async def _drop_broken(self) -> None:
        """What a load that broke off has left; one that goes on beside this one is younger."""
        is_broken = Generation.lists_sealed.is_(None) & Generation.activated_at.is_(None)
        broken = select(Generation.id).where(is_broken, Generation.loaded_at < self._clock.now() - BROKEN_AFTER)
        for id_ in list(await self._session.scalars(broken)):
            await self._session.execute(delete(Border).where(Border.generation_id == id_))
            await self._session.execute(delete(House).where(House.generation_id == id_))
            await self._session.execute(delete(Generation).where(Generation.id == id_))

    async def add(self, generation_id: int, portion: "Portion") -> None:
        """One portion of borders or houses. Codes are those of `begin`."""
        table, rows = portion
        codes = await self._codes([row["code"] for row in rows])
        values = [
            {"generation_id": generation_id, "precinct_id": codes[row["code"]]}
            | {name: value for name, value in row.items() if name != "code"}
            for row in rows
        ]
        await self._session.execute(insert(table), values)

    async def finish(
        self, generation_id: int, files: DepartmentFiles, photos: Mapping[str, StoredPhoto] = _NO_PHOTOS
    ) -> None:
        """From now on it may be activated. What the files have not is taken over from the active generation."""
        active = await self.active()
        lists = lists_of(files, await self._shelve(photos))
        if active is not None:
            await self._take_over(generation_id, active, files)
            if not files.precincts:
                names = await standing(self._session, active, "")
                lists |= {"districts": names["districts"], "precincts": names["precincts"]}
        generation = await self._session.get_one(Generation, generation_id)
        generation.lists = {"files": lists}
        await self._audit.write(
            "territory_loaded", subject=f"generation:{generation_id}",
            precincts=len(files.precincts), houses=len(files.houses),
        )  # fmt: skip
        await self._session.flush()

    async def known(self, zone: tzinfo) -> Known:
        """What lists that come alone are checked against."""
        active, department = await self.active(), await self.department()
        if active is None:
            return Known(zone=zone)
        towns = (await self._session.execute(select(Department.town_kk, Department.town_ru).limit(1))).first()
        kinds = {code: DeskKind(kind) for code, kind in (await pairs(self._session, Desk.code, Desk.kind)).items()}
        return Known(
            frozenset(await codes_of(self._session, active)),
            frozenset(district.code for district in await self.districts()),
            kinds,
            frozenset(await self._session.scalars(select(Officer.badge))),
            zone,
            is_demo=department is not None and department.is_demo,
            town=tuple(filter(None, towns or ())),
        )

    async def _take_over(self, generation_id: int, active: int, files: DepartmentFiles) -> None:
        """Borders alone keep the house lists, lists alone keep the borders. Houses of a precinct that is gone go."""
        has_houses = bool(files.houses) or "houses" in files.lists
        for table, is_missing in ((Border, not files.precincts), (House, not has_houses)):
            if not is_missing:
                continue
            names = [column.key for column in table.__table__.columns if column.key not in ("id", "generation_id")]
            columns = [getattr(table, name) for name in names]
            former = select(literal(generation_id), *columns).where(table.generation_id == active)
            if table is House:
                kept = select(Border.precinct_id).where(Border.generation_id == generation_id)
                former = former.where(House.precinct_id.in_(kept))
            await self._session.execute(insert(table).from_select(["generation_id", *names], former))

    async def _check_codes(self, files: DepartmentFiles) -> None:
        """Lists that came alone are about what is there already."""
        known = {entry.code for entry in files.precincts} or set(await codes_of(self._session, await self.active()))
        if not known:
            raise BordersMissing
        desks = {entry.code for entry in files.desks} | set(await self._session.scalars(select(Desk.code)))
        badges = {entry.badge for entry in files.officers} | set(await self._session.scalars(select(Officer.badge)))
        named = {house.precinct for house in files.houses} | {person.precinct for person in files.residents}
        for chat in files.chats:
            named |= {chat.precinct, chat.second_precinct or chat.precinct}
        places, people = set[str | None](), set[str | None]()
        for officer in files.officers:
            named |= {officer.precinct} if officer.precinct else set()
            places.add(officer.desk)
        for watch in files.watches:
            places.add(watch.desk)
            people.add(watch.badge)
        for absence in files.absences:
            people |= {absence.badge, absence.substitute}
        unknown = (named - known) | {word for word in (places - desks) | (people - badges) if word}
        if unknown:
            codes = sorted(unknown)
            raise CodesUnknown(codes=", ".join(codes[:20]) + (" …" if len(codes) > 20 else ""))

    async def _codes(self, codes: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in slices(sorted(set(codes))):
            found |= await pairs(self._session, Precinct.code, Precinct.id, Precinct.code.in_(some))
        return found

    async def _shelve(self, photos: Mapping[str, StoredPhoto]) -> dict[str, int]:
        """Media ids by badge. The same picture is one row however often it is loaded."""
        found: dict[bytes, int] = {}
        for digests in slices(sorted({photo.digest for photo in photos.values()})):
            mine = Media.file_sealed.is_(None) & (Media.state == "stored") & Media.digest.in_(digests)
            found |= await pairs(self._session, Media.digest, Media.id, mine)
        for photo in photos.values():
            if photo.digest not in found:
                now = self._clock.now()
                # Of no messenger: under this name Telegram's id of it is remembered once it was sent there.
                row = Media(
                    id=new_id(now), messenger=Messenger.WHATSAPP, kind=PartKind.PHOTO, mime=photo.mime,
                    size=photo.size, state="stored", digest=photo.digest, due_at=now, created_at=now,
                )  # fmt: skip
                self._session.add(row)
                found[photo.digest] = row.id
        await self._session.flush()
        return {badge: found[photo.digest] for badge, photo in photos.items()}


Portion = tuple[type[Border] | type[House], list[dict[str, Any]]]


def portions(files: DepartmentFiles) -> Iterator[Portion]:
    for precincts in slices(files.precincts, ROWS_AT_ONCE):
        yield Border, [{"code": entry.code, "polygons": entry.polygons} for entry in precincts]
    for houses in slices(files.houses, 5 * ROWS_AT_ONCE):
        yield (
            House,
            [
                {"code": entry.precinct}
                | {name: getattr(entry, name) for name in entry.__slots__ if name != "precinct"}
                for entry in houses
            ],
        )


def loaded(generation_id: int, files: DepartmentFiles, *, is_active: bool) -> Loaded:
    return Loaded(
        generation_id,
        is_active,
        len(files.districts),
        len(files.precincts),
        len(files.houses),
        len(files.officers),
        len(files.desks),
        len(files.chats),
        len(files.residents),
    )
