"""A bot's place, and what else it must not forget, in a file that outlives it; one bot has it at a time."""

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kit.errors import Refused
from scripts.bot.position import REMEMBERED, StreamPosition

_TABLES = """
create table if not exists place (
  one integer primary key check (one = 1), after integer, source text, epoch text,
  offset integer, message text, began_at text
);
create table if not exists seen (number integer primary key, id text not null);
create table if not exists missing (first integer primary key, last integer not null);
"""

_PLACE = "select after, source, epoch, offset, message, began_at from place"

_KEEP = "insert or replace into place values (1, ?, ?, ?, ?, ?, ?)"

_FORGET = "delete from seen where number <= (select max(number) from seen) - ?"


@contextmanager
def kept(file: Path, tables: str = "") -> Iterator[sqlite3.Connection]:
    """Yield a database of a file, made when it is not there, with these tables beside those of a place.

    Each change is in a transaction until somebody commits.

    Raises:
        Refused: another process has it, or it cannot be read or written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_name(f"{file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            database = sqlite3.connect(file)
            try:
                file.chmod(0o600)
                database.row_factory = sqlite3.Row
                database.execute("pragma journal_mode = wal")
                database.execute("pragma synchronous = normal")
                database.executescript(_TABLES)
                database.executescript(tables)
                yield database
            finally:
                database.close()
    except BlockingIOError:
        raise Refused([f"{file}: another bot works with it"]) from None
    except (OSError, sqlite3.DatabaseError) as error:
        raise Refused([f"{file}: {error}"]) from None


class KeptPosition(StreamPosition):
    """A place in the log that is kept: each event that is taken commits what was done with it as well.

    Args:
        database: as `kept` yields one.
        after: position after which to begin where nothing is kept yet.
    """

    def __init__(self, database: sqlite3.Connection, after: int | None = None) -> None:
        super().__init__(after)
        self._database = database
        row = database.execute(_PLACE).fetchone()
        if row is None:
            if after is not None:
                self._keep("", "")  # the next start goes on from there, whatever it is told
            return
        self.after = row["after"]
        self.began_at = datetime.fromisoformat(row["began_at"]) if row["began_at"] else None
        self.last = None if row["offset"] is None else (row["offset"], row["message"])
        spans = database.execute("select first, last from missing order by first")
        self.missing = tuple((one["first"], one["last"]) for one in spans)
        ids = [one["id"] for one in database.execute("select id from seen order by number")]
        self.remember(ids, (row["source"], row["epoch"]) if row["source"] else None)

    def begin(self) -> datetime | None:
        before = super().begin()
        self._keep("", "")
        return before

    def take(self, event: Mapping[str, Any], offset: int | None = None) -> None:
        before = self.missing
        super().take(event, offset)
        if self.missing != before:
            self._database.execute("delete from missing")
            self._database.executemany("insert into missing values (?, ?)", self.missing)
        self._database.execute("insert into seen (id) values (?)", [str(event["id"])])
        self._database.execute(_FORGET, [REMEMBERED])
        self._keep(str(event.get("source", "")), str(event.get("epoch", "")))

    def _keep(self, source: str, epoch: str) -> None:
        offset, message = self.last or (None, None)
        began = self.began_at and self.began_at.isoformat()
        self._database.execute(_KEEP, [self.after, source, epoch, offset, message, began])
        self._database.commit()
