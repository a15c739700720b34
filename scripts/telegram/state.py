"""What the bot must not forget: which messages there should be and are, what it asked, what it has heard."""

import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from scripts.telegram.settings import Chat

TABLES = """
create table if not exists message (
  number integer primary key, key text not null unique, chat text not null, facts text not null,
  wanted text not null, shown text, message integer, photo integer not null default 0,
  sending integer not null default 0, failed text, floor integer
);
create index if not exists unsent on message (number) where shown is null or shown <> wanted;
create table if not exists seen_in (
  chat text not null, message integer not null, primary key (chat, message)
);
create table if not exists heard (number integer primary key, id integer not null unique, at real not null);
create table if not exists comment (
  chat integer not null, message integer not null, person integer not null, button text not null,
  primary key (chat, message)
);
create table if not exists moved (
  chat text primary key, after text not null, done integer not null default 0
);
create table if not exists secret (one integer primary key check (one = 1), value blob not null);
"""
"""`wanted` and `shown` are `texts.TelegramMessage`, as JSON; empty: it should not be there."""

SEEN = 200
"""Ids of messages of each chat that are known again."""

HEARD = 1_000
"""Updates that are known again."""

_PUT = """
insert into message (key, chat, facts, wanted) values (?, ?, ?, ?)
on conflict (key) do update set facts = excluded.facts, wanted = excluded.wanted, failed = null"""

_UNSENT = """
select * from message where (shown is null or shown <> wanted) and failed is null
   and not (wanted = '' and message is null and sending = 0)
 order by number limit 1"""

_SENDS = """
update message set sending = 1, floor = (select max(s.message) from seen_in s where s.chat = message.chat)
 where number = ? and sending = 0"""

_GOES_ON = """
update message set chat = ?, message = null, shown = null, sending = 0, floor = null, failed = null
 where number = ?"""

_FORGET = """
delete from seen_in where chat = ?
   and message < (select message from seen_in where chat = ? order by message desc limit 1) - ?"""

FAR_OFFSET_SECONDS = 6 * 86_400
"""After a week without updates Telegram may count them otherwise, so an old number is no place any more."""


class KeptMessage(NamedTuple):
    """A message that should be there, or not any more."""

    number: int
    key: str
    chat: Chat
    facts: dict[str, Any]
    wanted: str
    shown: str | None
    message: int | None
    """Its id in the chat; None: it was never sent, as far as is known."""
    photo: bool
    """Whether it was sent as a picture with a caption."""
    sending: bool
    """Whether a process died, or got no answer, while it sent this: it may be there already."""
    floor: int | None
    """The newest message that was known in its chat before it was sent: it can only be a later one."""


class TelegramState:
    """What the bot must not forget. Changes are kept by `commit`, together.

    Args:
        database: as `scripts.bot.kept` yields one with `TABLES`.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("insert or ignore into secret values (1, ?)", [secrets.token_bytes(32)])
        database.commit()
        self.secret: bytes = database.execute("select value from secret").fetchone()[0]

    def commit(self) -> None:
        self._database.commit()

    def put(self, key: str, chat: Chat, facts: Mapping[str, Any], wanted: str) -> None:
        """Say what a message should be now; it is made if it was not there."""
        self._database.execute(_PUT, [key, orjson.dumps(chat).decode(), orjson.dumps(facts).decode(), wanted])

    def drop(self, key: str) -> None:
        """Forget a message: the next with its key is another one."""
        self._database.execute("delete from message where key = ?", [key])

    def of(self, key: str) -> KeptMessage | None:
        return self._one("select * from message where key = ?", key)

    def at(self, number: int) -> KeptMessage | None:
        return self._one("select * from message where number = ?", number)

    def beginning(self, prefix: str) -> list[KeptMessage]:
        """Return the messages whose keys begin so, oldest first."""
        rows = self._database.execute(
            "select * from message where substr(key, 1, ?) = ? order by number", [len(prefix), prefix]
        )
        return [_message(row) for row in rows]

    def naming(self, account: str) -> list[KeptMessage]:
        """Return the messages in whose facts an account stands, oldest first."""
        rows = self._database.execute(
            "select * from message where instr(facts, ?) > 0 order by number", [account]
        )
        return [_message(row) for row in rows]

    def unsent(self) -> KeptMessage | None:
        """Return the oldest message that is not as it should be."""
        return self._one(_UNSENT)

    def sends(self, number: int) -> None:
        """Note that a message is being sent, before it is."""
        self._database.execute(_SENDS, [number])
        self.commit()

    def looks_after(self, number: int, floor: int) -> None:
        """Note after which message of its chat one is looked for that may have been sent."""
        self._database.execute("update message set floor = ? where number = ?", [floor, number])
        self.commit()

    def sees(self, chat: Chat, message: int) -> None:
        """Note that a message stands in a chat, and is none of those that are being sent."""
        written = orjson.dumps(chat).decode()
        self._database.execute("insert or ignore into seen_in values (?, ?)", [written, message])
        self._database.execute(_FORGET, [written, written, SEEN])

    def has_seen(self, chat: Chat, message: int) -> bool:
        values = [orjson.dumps(chat).decode(), message]
        found = self._database.execute("select 1 from seen_in where chat = ? and message = ?", values)
        return found.fetchone() is not None

    def is_shown(self, number: int, shown: str, message: int | None, *, photo: bool = False) -> None:
        """Note how a message is there now, after it was sent; no id: it is not there."""
        self._database.execute(
            "update message set shown = ?, message = ?, photo = ?, sending = 0 where number = ?",
            [shown, message, photo, number],
        )
        if message is not None:
            self._database.execute(
                "insert or ignore into seen_in select chat, message from message where number = ?", [number]
            )
        self.commit()

    def has_failed(self, number: int, why: str) -> None:
        """Note that a message cannot be as it should; it is left until it should be another way."""
        self._database.execute("update message set failed = ?, sending = 0 where number = ?", [why, number])
        self.commit()

    def is_moved(self, before: Chat, after: Chat) -> None:
        """Note that a chat has another number now."""
        values = [orjson.dumps(one).decode() for one in (before, after)]
        self._database.execute("insert or ignore into moved (chat, after) values (?, ?)", values)
        self.commit()

    def now(self, chat: Chat) -> Chat:
        """Return the number by which a chat is known now."""
        values = [orjson.dumps(chat).decode()]
        row = self._database.execute("select after from moved where chat = ?", values).fetchone()
        moved_to: Chat = chat if row is None else orjson.loads(row["after"])
        return moved_to

    def left_behind(self) -> list[KeptMessage]:
        """Return the messages of chats that have another number now, oldest first."""
        rows = self._database.execute(
            "select m.* from message m join moved using (chat) where not done order by number"
        )
        return [_message(row) for row in rows]

    def goes_on_in(self, number: int, chat: Chat) -> None:
        """Note that a message was never sent, and should be in another chat."""
        self._database.execute(_GOES_ON, [orjson.dumps(chat).decode(), number])

    def all_moved(self) -> None:
        """Note that of the chats that have another number nothing is left to be done."""
        self._database.execute("update moved set done = 1 where not done")
        self.commit()

    def offset(self) -> int | None:
        """Return the number of the update to ask for next; None: any."""
        row = self._database.execute("select id, at from heard order by number desc limit 1").fetchone()
        return None if row is None or row["at"] < time.time() - FAR_OFFSET_SECONDS else row["id"] + 1

    def has_heard(self, update: int) -> bool:
        return self._database.execute("select 1 from heard where id = ?", [update]).fetchone() is not None

    def hear(self, update: int) -> None:
        """Note that an update was handled, with all that it led to."""
        self._database.execute("insert or ignore into heard (id, at) values (?, ?)", [update, time.time()])
        self._database.execute(
            "delete from heard where number <= (select max(number) from heard) - ?", [HEARD]
        )
        self.commit()

    def asks(self, chat: int, message: int, person: int, button: str) -> None:
        """Note that a message asks somebody for a comment, for a button that he pressed."""
        self._database.execute(
            "insert or replace into comment values (?, ?, ?, ?)", [chat, message, person, button]
        )

    def asked(self, chat: int, message: int) -> tuple[int, str] | None:
        """Return whom a message of a chat asked for a comment, and for which button."""
        row = self._database.execute(
            "select person, button from comment where chat = ? and message = ?", [chat, message]
        ).fetchone()
        return None if row is None else (row["person"], row["button"])

    def has_commented(self, chat: int, message: int) -> None:
        self._database.execute("delete from comment where chat = ? and message = ?", [chat, message])

    def _one(self, sql: str, *values: Any) -> KeptMessage | None:
        row = self._database.execute(sql, values).fetchone()
        return None if row is None else _message(row)


def _message(row: Any) -> KeptMessage:
    named: Iterable[str] = KeptMessage._fields
    told = {name: row[name] for name in named}
    told |= {"chat": orjson.loads(row["chat"]), "facts": orjson.loads(row["facts"])}
    return KeptMessage(**told | {"photo": bool(row["photo"]), "sending": bool(row["sending"])})
