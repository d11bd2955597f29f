"""Keeps the world on disk without slowing a send: changed records are written together, twice a second."""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

FLUSH_SECONDS = 0.5
_Rows = list[tuple[str, str, str | None, bytes | None]]


class Journal:
    """Without a path it remembers nothing. A crash loses at most the last half second."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._dirty: dict[tuple[str, str], Any] = {}
        self._task: asyncio.Task[None] | None = None
        self._database: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS records (kind TEXT, key TEXT, body TEXT, content BLOB,"
                " PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )

    def note(self, kind: str, key: str, thing: Any) -> None:
        """Remember that a record changed; None means that it is gone."""
        if self._database is not None:
            self._dirty[kind, key] = thing

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Records of one kind as (key, body), in the order of their keys."""
        if self._database is None:
            return
        for key, body, content in self._database.execute(
            "SELECT key, body, content FROM records WHERE kind = ? ORDER BY key", (kind,)
        ):
            record = json.loads(body)
            if content is not None:
                record["content"] = content
            yield key, record

    def start(self) -> None:
        if self._database is not None:
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._database is not None:
            self._write(self._take())
            self._database.close()
            self._database = None

    async def flush(self) -> None:
        rows = self._take()
        if rows:
            await asyncio.to_thread(self._write, rows)

    def forget(self) -> None:
        """Empty the whole record."""
        self._dirty.clear()
        if self._database is not None:
            self._database.execute("DELETE FROM records")

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    def _take(self) -> _Rows:
        dirty, self._dirty = self._dirty, {}
        rows: _Rows = []
        for (kind, key), thing in dirty.items():
            if thing is None:
                rows.append((kind, key, None, None))
                continue
            record = dict(thing) if isinstance(thing, dict) else _plain(thing)
            content = record.pop("content", None)
            rows.append((kind, key, json.dumps(record, ensure_ascii=False), content))
        return rows

    def _write(self, rows: _Rows) -> None:
        if self._database is None or not rows:
            return
        gone = [(kind, key) for kind, key, body, _ in rows if body is None]
        kept = [row for row in rows if row[2] is not None]
        with self._writing:
            self._database.execute("BEGIN")
            self._database.executemany("DELETE FROM records WHERE kind = ? AND key = ?", gone)
            self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", kept)
            self._database.execute("COMMIT")


def _plain(thing: Any) -> dict[str, Any]:
    """A record's own fields; what is only for the running process begins with an underscore."""
    return {f.name: getattr(thing, f.name) for f in fields(thing) if not f.name.startswith("_")}
