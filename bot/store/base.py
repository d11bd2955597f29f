"""What every table shares: names of constraints, times, sealed columns, ids."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, overload

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.store import keys

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

BIGINT = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's rowid alias needs the word INTEGER


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {}


Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(session: AsyncSession, table: type[Base]) -> Insert:
    """Each database has an INSERT of its own that knows ON CONFLICT."""
    return insert_of(session.get_bind().dialect.name, table)


def insert_of(dialect: str, table: type[Base]) -> Insert:
    """The same for a statement that is said once and used for good."""
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which drops zones, keeps it as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        if dialect.name != "sqlite":
            return value
        delta = value - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


class Json(TypeDecorator[Any]):
    """Small structured facts that are not secret; Kazakh stays readable in the file."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


_last_id = 0
_ID_EPOCH_MS = 1_735_689_600_000  # 2025-01-01


def new_id(now: datetime) -> int:
    """A 63-bit id known before the insert (sealed columns are bound to it), rising with time in one process."""
    global _last_id
    millisecond = int(now.timestamp() * 1000) - _ID_EPOCH_MS
    _last_id = max((millisecond << 20) | secrets.randbits(20), _last_id + 1)
    return _last_id


T = TypeVar("T")


class Sealed(Generic[T]):
    """A value that is readable here and sealed in its column `<name>_sealed`.

    Set the row's id first: the seal is bound to it, so a value moved to another row or column will not open.
    """

    def __set_name__(self, owner: type[Base], name: str) -> None:
        self.name, self.column = name, f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type[Base]) -> "Sealed[T]": ...
    @overload
    def __get__(self, row: Base, owner: type[Base]) -> T | None: ...
    def __get__(self, row: Base | None, owner: type[Base]) -> "Sealed[T] | T | None":
        if row is None:
            return self
        blob = getattr(row, self.column)
        return None if blob is None else json.loads(keys.ring().open(blob, self._bound_to(row)))

    def __set__(self, row: Base, value: T | None) -> None:
        blob = None
        if value is not None:
            plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            blob = keys.ring().seal(plain, self._bound_to(row))
        setattr(row, self.column, blob)

    def anew(self, row: Base) -> bytes:
        """The same value sealed under the current key; the row itself is left alone."""
        bound_to = self._bound_to(row)
        return keys.ring().seal(keys.ring().open(getattr(row, self.column), bound_to), bound_to)

    def _bound_to(self, row: Base) -> str:
        identity = getattr(row, row.__seal_by__ if hasattr(row, "__seal_by__") else "id")
        if identity is None:
            raise ValueError(f"{row.__tablename__}: set the id before sealing {self.name}")
        return f"{row.__tablename__}.{self.name}.{identity}"


def open_sealed(owner: type[Base], name: str, identity: int, blob: bytes) -> Any:
    """A sealed value of a row that was read column by column."""
    return json.loads(keys.ring().open(blob, f"{owner.__tablename__}.{name}.{identity}"))


def seal(owner: type[Base], name: str, identity: int, value: Any) -> bytes:
    """The same value as `owner.name = value` would store, for a statement without a row."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return keys.ring().seal(plain, f"{owner.__tablename__}.{name}.{identity}")
