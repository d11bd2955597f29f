"""Everything here runs on SQLite and on PostgreSQL."""

from tests.postgres import backend, bare, cleaning, clock, units

__all__ = ["backend", "bare", "cleaning", "clock", "units"]
