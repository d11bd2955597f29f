"""Checked files become rows: codes that exist are updated, borders and houses are a new generation."""

from sqlalchemy import delete, insert, select, update

from bot.services.residents import CONSENT_VERSION, address_fingerprint
from bot.services.subscriptions import WARNINGS
from bot.services.territory.asking import TerritoryAsked
from bot.services.territory.views import Loaded
from bot.services.territory_files import DepartmentFiles, OfficerEntry
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.officers import Duty, Officer
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.territory import Border, Department, Desk, District, Generation, House, Precinct
from bot.terms import EndpointState, Messenger


class TerritoryLoaded(TerritoryAsked):
    async def load(self, files: DepartmentFiles) -> Loaded:
        """Writes checked files: codes that exist are updated, borders and houses become a new active generation."""
        if files.department is not None:
            await self._load_department(files)
        districts = await self._load_districts(files)
        precincts = await self._load_precincts(files, districts)
        await self._load_generation(files, precincts)
        desks = await self._load_desks(files, districts)
        for entry in files.officers:
            await self._load_officer(entry, precincts, desks)
        for chat in files.chats:
            view = await self._chats.added(Messenger.TELEGRAM, str(chat.telegram_id), chat.title)
            await self._session.execute(
                update(Chat)
                .where(Chat.id == view.id)
                .values(precinct_id=precincts[chat.precinct], bound_at=self._clock.now())
            )
        await self._load_residents(files, precincts)
        await self._audit.write("territory_loaded", precincts=len(files.precincts), houses=len(files.houses))
        return Loaded(
            len(files.districts),
            len(files.precincts),
            len(files.houses),
            len(files.officers),
            len(files.desks),
            len(files.chats),
            len(files.residents),
        )

    async def _load_department(self, files: DepartmentFiles) -> None:
        entry = files.department
        if entry is None:
            return
        await self._session.execute(delete(Department))
        self._session.add(
            Department(
                name_kk=entry.name_kk,
                name_ru=entry.name_ru,
                phone=entry.phone,
                address_kk=entry.address_kk,
                address_ru=entry.address_ru,
                bin=entry.bin,
                term_kk=entry.term_kk,
                term_ru=entry.term_ru,
                is_demo=entry.is_demo,
            )
        )

    async def _load_districts(self, files: DepartmentFiles) -> dict[str, int]:
        rows = {row.code: row for row in await self._session.scalars(select(District))}
        for entry in files.districts:
            row = rows.get(entry.code)
            if row is None:
                rows[entry.code] = row = District(code=entry.code)
                self._session.add(row)
            row.name_kk, row.name_ru = entry.name_kk, entry.name_ru
        await self._session.flush()
        return {code: row.id for code, row in rows.items()}

    async def _load_precincts(self, files: DepartmentFiles, districts: dict[str, int]) -> dict[str, int]:
        rows = {row.code: row for row in await self._session.scalars(select(Precinct))}
        for entry in files.precincts:
            row = rows.get(entry.code)
            if row is None:
                rows[entry.code] = row = Precinct(code=entry.code)
                self._session.add(row)
            row.name_kk, row.name_ru, row.district_id = entry.name_kk, entry.name_ru, districts[entry.district]
        await self._session.flush()
        return {code: row.id for code, row in rows.items()}

    async def _load_generation(self, files: DepartmentFiles, precincts: dict[str, int]) -> None:
        now = self._clock.now()
        before = await self._session.scalar(select(Generation.id).where(Generation.is_active))
        await self._session.execute(update(Generation).values(is_active=False))
        generation = Generation(loaded_at=now, activated_at=now, is_active=True, source="load-territory")
        self._session.add(generation)
        await self._session.flush()
        borders = [
            {
                "generation_id": generation.id,
                "precinct_id": precincts[entry.code],
                "polygons": entry.polygons,
            }
            for entry in files.precincts
        ]
        if borders:
            await self._session.execute(insert(Border), borders)
        houses = [
            {
                "generation_id": generation.id,
                "precinct_id": precincts[entry.precinct],
                "street_kk": entry.street_kk,
                "street_ru": entry.street_ru,
                "old_name_kk": entry.old_name_kk,
                "old_name_ru": entry.old_name_ru,
                "numbers": entry.numbers,
            }
            for entry in files.houses
        ]
        if not houses and before is not None:  # a borders file alone keeps the house lists
            houses = [
                {column.key: getattr(row, column.key) for column in House.__table__.columns if column.key != "id"}
                | {"generation_id": generation.id}
                for row in await self._session.scalars(select(House).where(House.generation_id == before))
            ]
        if houses:
            await self._session.execute(insert(House), houses)

    async def _load_desks(self, files: DepartmentFiles, districts: dict[str, int]) -> dict[str, int]:
        rows = {row.code: row for row in await self._session.scalars(select(Desk))}
        for entry in files.desks:
            row = rows.get(entry.code)
            if row is None:
                rows[entry.code] = row = Desk(code=entry.code)
                self._session.add(row)
            row.kind, row.phone = entry.kind, entry.phone
            row.district_id = districts[entry.district] if entry.district else None
            row.name_kk, row.name_ru = entry.name_kk, entry.name_ru
            row.address_kk, row.address_ru = entry.address_kk, entry.address_ru
        await self._session.flush()
        return {code: row.id for code, row in rows.items()}

    async def _load_officer(self, entry: OfficerEntry, precincts: dict[str, int], desks: dict[str, int]) -> None:
        row = await self._session.scalar(select(Officer).where(Officer.badge == entry.badge))
        if row is None:
            row = Officer(badge=entry.badge, is_active=True)
            self._session.add(row)
        for name in ("rank", "name", "office", "hours"):
            for language in ("kk", "ru"):
                setattr(row, f"{name}_{language}", getattr(entry, f"{name}_{language}"))
        row.phone = entry.phone
        if entry.telegram_id is not None and row.resident_id is None:
            row.resident_id = await self._account(Messenger.TELEGRAM, str(entry.telegram_id), entry.name_kk, None, "kk")
        await self._session.flush()
        await self._session.execute(delete(Duty).where(Duty.officer_id == row.id))
        precinct = precincts[entry.precinct] if entry.precinct else None
        desk = desks[entry.desk] if entry.desk else None
        self._session.add(Duty(officer_id=row.id, role=entry.role, precinct_id=precinct, desk_id=desk))

    async def _load_residents(self, files: DepartmentFiles, precincts: dict[str, int]) -> None:
        for entry in files.residents:
            resident = await self._account(
                entry.messenger, entry.address, entry.name, precincts[entry.precinct], entry.language
            )
            if entry.is_subscribed and await self._session.get(Subscription, (resident, WARNINGS)) is None:
                self._session.add(Subscription(resident_id=resident, topic=WARNINGS, since=self._clock.now()))

    async def _account(
        self, messenger: Messenger, address: str, name: str, precinct_id: int | None, language: str
    ) -> int:
        """The resident at this address, written down with consent when new (demo accounts only)."""
        fingerprint = address_fingerprint(messenger, address)
        found = await self._session.scalar(select(Endpoint.resident_id).where(Endpoint.fingerprint == fingerprint))
        if found is not None:
            return found
        now = self._clock.now()
        row = Resident(
            id=new_id(now),
            language=language,
            precinct_id=precinct_id,
            messenger=messenger,
            consent_version=CONSENT_VERSION,
            consent_at=now,
            created_at=now,
        )
        row.name = name
        endpoint = Endpoint(
            id=new_id(now),
            messenger=messenger,
            fingerprint=fingerprint,
            resident_id=row.id,
            state=EndpointState.OPEN,
            state_reason="",
            heard_at=now,
        )
        endpoint.address = address
        row.endpoint_id = endpoint.id
        self._session.add(row)
        await self._session.flush()
        self._session.add(endpoint)
        return row.id
