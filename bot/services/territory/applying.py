"""Lists become rows, in bulk: names, desks, officers and their posts, residents of a demo."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.subscriptions import WARNINGS
from bot.services.territory.accounts import NamedPerson, accounts
from bot.services.territory.lists import Lists
from bot.services.territory.standing import pairs, slices
from bot.store.officers import Duty, Officer
from bot.store.subscriptions import Subscription
from bot.store.territory import Department, Desk, District, Precinct
from bot.terms import DeskKind, Language, Messenger

QUEUES = (DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY, DeskKind.OWN_SECURITY)
"""Of these there is one each: under a new code it is the same queue, and the tips in it stay in it."""


class Applying:
    """Writes one generation's lists over what is there; whatever they do not name stays as it is."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._precincts: dict[str, int] = {}  # of every generation: a post may outlive its precinct

    async def apply(self, lists: Lists, *, arrived: Iterable[str] = ()) -> None:
        """`arrived` are badges the generation being left brought along: not named now, they have no post again."""
        if department := lists.get("department"):
            await self._department(department)
        districts = await write_districts(self._session, lists.get("districts", {}))
        self._precincts = await write_precincts(self._session, lists.get("precincts", {}), districts)
        desks = await self._desks(lists.get("desks", ()), districts)
        await self._officers(lists.get("officers", {}), set(arrived), desks)
        await self._residents(lists.get("residents", ()))

    async def _department(self, fields: Mapping[str, Any]) -> None:
        found = await self._session.scalar(select(Department.id).limit(1))
        change = insert(Department) if found is None else update(Department).where(Department.id == found)
        await self._session.execute(change.values(**fields))

    async def _desks(self, entries: Sequence[Mapping[str, Any]], districts: Mapping[str, int]) -> dict[str, int]:
        rows = {row.code: row for row in await self._session.scalars(select(Desk))}
        queues = {(row.kind, row.district_id): row for row in rows.values() if row.kind in QUEUES}
        for entry in entries:
            district = districts[entry["district"]] if entry["district"] else None
            row = rows.get(entry["code"]) or queues.get((entry["kind"], district))
            if row is None:
                row = Desk()
                self._session.add(row)
            for name, value in entry.items():
                if name != "district":
                    setattr(row, name, value)
            row.district_id = district
            rows[entry["code"]] = row
        await self._session.flush()
        return {row.code: row.id for row in rows.values()}

    async def _officers(
        self, entries: Mapping[str, Mapping[str, Any]], arrived: set[str], desks: Mapping[str, int]
    ) -> None:
        known = await pairs(self._session, Officer.badge, Officer.id)
        new = [
            {"badge": badge, "is_active": True, **_BLANK, **entry["card"]}
            for badge, entry in entries.items() if badge not in known
        ]  # fmt: skip
        if new:
            await self._session.execute(insert(Officer), new)
            known |= await pairs(self._session, Officer.badge, Officer.id)
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for badge, entry in entries.items():
            by_columns.setdefault(tuple(entry["card"]), []).append({"id": known[badge], **entry["card"]})
        for changes in by_columns.values():
            await self._session.execute(update(Officer), changes)
        await self._join(entries, known)
        await self._posts(entries, [known[badge] for badge in arrived - entries.keys() if badge in known], known, desks)

    async def _posts(
        self,
        entries: Mapping[str, Mapping[str, Any]],
        without: list[int],
        known: Mapping[str, int],
        desks: Mapping[str, int],
    ) -> None:
        for ids in slices([*(known[badge] for badge in entries), *without]):
            await self._session.execute(delete(Duty).where(Duty.officer_id.in_(ids)))
        duties = [
            {
                "officer_id": known[badge],
                "role": role,
                "precinct_id": self._precincts[precinct] if precinct else None,
                "desk_id": desks[desk] if desk else None,
            }
            for badge, entry in entries.items()
            for role, precinct, desk in entry["posts"]
        ]
        if duties:
            await self._session.execute(insert(Duty), duties)

    async def _join(self, entries: Mapping[str, Mapping[str, Any]], known: Mapping[str, int]) -> None:
        """An officer who has an account keeps it."""
        named = {badge: entry for badge, entry in entries.items() if entry.get("telegram_id") is not None}
        without = select(Officer).where(Officer.resident_id.is_(None), Officer.badge.in_(named))
        rows = list(await self._session.scalars(without)) if named else []
        people = [
            NamedPerson(Messenger.TELEGRAM, str(named[row.badge]["telegram_id"]), row.name_kk, Language.KK)
            for row in rows
        ]
        for row, resident_id in zip(rows, await accounts(self._session, self._clock, people), strict=True):
            row.resident_id = resident_id
        await self._session.flush()

    async def _residents(self, entries: Sequence[Mapping[str, Any]]) -> None:
        people = [
            NamedPerson(
                Messenger(entry["messenger"]), entry["address"], entry["name"], entry["language"],
                self._precincts[entry["precinct"]],
            )
            for entry in entries
        ]  # fmt: skip
        ids = await accounts(self._session, self._clock, people)
        is_warned = Subscription.topic == WARNINGS
        known = await pairs(self._session, Subscription.resident_id, Subscription.topic, is_warned) if ids else {}
        now = self._clock.now()
        new = {id_ for id_, entry in zip(ids, entries, strict=True) if entry["is_subscribed"]} - known.keys()
        await self._insert(Subscription, [{"resident_id": id_, "topic": WARNINGS, "since": now} for id_ in sorted(new)])

    async def _insert(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self._session.execute(insert(table), list(rows))


_BLANK = dict.fromkeys(
    ("rank_kk", "rank_ru", "phone", "office_kk", "office_ru", "hours_kk", "hours_ru", "username"), ""
) | {"photo_id": None}  # fmt: skip


async def write_districts(
    session: AsyncSession, names: Mapping[str, Sequence[str]], *, only_new: bool = False
) -> dict[str, int]:
    """Ids of all districts by code. With `only_new` those that exist keep their names."""
    rows = {row.code: row for row in await session.scalars(select(District))}
    for code, (kk, ru) in names.items():
        if code not in rows:
            rows[code] = District(code=code, name_kk=kk, name_ru=ru)
            session.add(rows[code])
        elif not only_new:
            rows[code].name_kk, rows[code].name_ru = kk, ru
    await session.flush()
    return {code: row.id for code, row in rows.items()}


async def write_precincts(
    session: AsyncSession,
    names: Mapping[str, Sequence[str]],
    districts: Mapping[str, int],
    *,
    only_new: bool = False,
) -> dict[str, int]:
    """Ids of all precincts by code; only what differs is written."""
    columns = (Precinct.id, Precinct.code, Precinct.name_kk, Precinct.name_ru, Precinct.district_id)
    known = {code: (id_, kk, ru, district) for id_, code, kk, ru, district in await session.execute(select(*columns))}
    new, changed = [], []
    for code, (kk, ru, district) in names.items():
        fields = {"name_kk": kk, "name_ru": ru, "district_id": districts[district]}
        if code not in known:
            new.append({"code": code, **fields})
        elif not only_new and known[code][1:] != tuple(fields.values()):
            changed.append({"id": known[code][0], **fields})
    if new:
        await session.execute(insert(Precinct), new)
    if changed:
        await session.execute(update(Precinct), changed)
    return await pairs(session, Precinct.code, Precinct.id)
