"""Statements that are said thousands of times: worded once for each database, their rows handed to the driver as they
are. Making SQLAlchemy's own words anew for each batch cost more than the batch."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Select, Text, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Row = Mapping[str, Any]


class _Ids(TypeDecorator[Collection[int]]):
    """Many ids as one value: JSON on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return json.dumps(ids) if dialect.name == "sqlite" else ids


class _Each(FunctionElement[int]):
    """The ids of one such value as rows."""

    inherit_cache = True


@compiles(_Each, "sqlite")
def _from_json(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Each, "postgresql")
def _from_array(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **options)}) AS value"


def among(column: Any, name: str) -> ColumnElement[bool]:
    """`column IN (…)` whose words do not change with the number of ids: `name` is given all of them."""
    ids: Select[Any] = select(literal_column("value")).select_from(_Each(bindparam(name, type_=_Ids)))
    found: ColumnElement[bool] = column.in_(ids.correlate(None))
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """A statement as one database hears it."""

    sql: str
    always: Row  # values that are the same each time
    made: Mapping[str, Callable[[Any], Any]]  # of those that the driver does not take as they are

    def values(self, row: Row) -> dict[str, Any]:
        values = {**self.always, **row}
        for name, make in self.made.items():
            values[name] = make(values[name])
        return values


class Prepared:
    """`row` of a step names its values; many rows for a statement that returns none."""

    def __init__(self, statement: UpdateBase) -> None:
        self.statement = statement
        self._wordings: dict[str, Wording] = {}

    def worded(self, dialect: Dialect) -> Wording:
        known = self._wordings.get(dialect.name)
        if known is None:
            known = self._wordings[dialect.name] = _worded(self.statement, dialect)
        return known


Step = tuple[Prepared, Row | Sequence[Row]]


def said(steps: Sequence[Step], dialect: Dialect) -> list[tuple[str, Any]]:
    """What the driver is told: a dictionary of values, or a list of them."""
    told: list[tuple[str, Any]] = []
    for prepared, rows in steps:
        wording = prepared.worded(dialect)
        if isinstance(rows, Mapping):
            told.append((wording.sql, wording.values(rows)))
        else:
            told.append((wording.sql, [wording.values(row) for row in rows]))
    return told


def _worded(statement: UpdateBase, dialect: Dialect) -> Wording:
    if dialect.name == "sqlite":
        dialect = type(dialect)(paramstyle="named")  # type: ignore[call-arg]
    compiled: Any = statement.compile(dialect=dialect)
    always, made = {}, {}
    for name, bind in compiled.binds.items():
        make = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            always[name] = _plain(bind.value if make is None else make(bind.value))
        elif make is not None:
            made[name] = make
    return Wording(str(compiled), always, made)


def _plain(value: Any) -> Any:
    """The driver asks around for who adapts an enumeration, each time."""
    return value.value if isinstance(value, Enum) else value
