"""Everything here runs on SQLite and on PostgreSQL."""

from tests.postgres import backend, bare, clock, units

__all__ = ["backend", "bare", "clock", "units"]
