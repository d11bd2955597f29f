"""After a change of keys: what is sealed under an old key is sealed anew under the first one, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, inspect, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.services.residents import address_fingerprint
from bot.store import keys
from bot.store.base import Base, Sealed
from bot.store.endpoints import Endpoint
from bot.terms import Messenger

LOOKED_AT = 5  # addresses at each end
PAGE = 500  # rows a transaction: others write in between


@dataclass(frozen=True, slots=True)
class Page:
    """`last` is the row the next page begins after; None when the table is through."""

    rows: int
    resealed: int
    last: Any


class Seals:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def tables(self) -> list[str]:
        """Those with anything sealed."""
        return sorted(_sealed_tables())

    async def fit(self) -> bool:
        """Whether the keys are this database's: of its newest and of its oldest addresses some open, and the pepper
        finds them. One that was damaged says nothing of the keys."""
        query = select(Endpoint).where(Endpoint.address_sealed.is_not(None)).limit(LOOKED_AT)
        for order in (Endpoint.id.asc(), Endpoint.id.desc()):
            rows = list(await self._session.scalars(query.order_by(order)))
            if rows and not any(map(_opens, rows)):
                return False
        return True

    async def rows(self, table: str) -> int:
        row = _sealed_tables()[table]
        return await self._session.scalar(select(func.count()).select_from(row).where(_has_seal(row))) or 0

    async def reseal(self, table: str, after: Any = None, limit: int = PAGE) -> Page:
        """A value that somebody changes meanwhile is left to him: he seals it with the first key himself."""
        row = _sealed_tables()[table]
        key = _key_of(row)
        query = select(row).where(_has_seal(row)).order_by(key).limit(limit)
        found = list(await self._session.scalars(query if after is None else query.where(key > after)))
        resealed = 0
        for one in found:
            fresh = _fresh(one)
            if not fresh:
                continue
            identity = getattr(one, key.key)
            seen = [getattr(row, column) == before for column, (before, _after) in fresh.items()]
            values = {column: sealed for column, (_before, sealed) in fresh.items()}
            change = update(row).where(key == identity, *seen).values(**values)
            await self._session.execute(change.execution_options(synchronize_session=False))
            resealed += 1
        last = getattr(found[-1], key.key) if len(found) == limit else None
        self._session.expunge_all()
        return Page(len(found), resealed, last)


def _opens(row: Endpoint) -> bool:
    try:
        return row.fingerprint == address_fingerprint(Messenger(row.messenger), row.address or "")
    except keys.KeyWrong:
        return False


def _sealed_tables() -> Mapping[str, type[Base]]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers if _seals(mapper.class_)}


def _seals(row: type[Base]) -> Sequence[Sealed[Any]]:
    return [value for value in vars(row).values() if isinstance(value, Sealed)]


def _key_of(row: type[Base]) -> InstrumentedAttribute[Any]:
    name = inspect(row).primary_key[0].key
    found: InstrumentedAttribute[Any] = getattr(row, str(name))
    return found


def _has_seal(row: type[Base]) -> Any:
    return or_(*(getattr(row, seal.column).is_not(None) for seal in _seals(row)))


def _fresh(one: Base) -> dict[str, tuple[bytes, bytes]]:
    """What of this row is under an old key: before and after. Raises KeyWrong for what no key opens."""
    found = {}
    for seal in _seals(type(one)):
        before = getattr(one, seal.column)
        if before is not None and not keys.ring().is_current(before):
            found[seal.column] = before, seal.anew(one)
    return found
