"""Finds what listeners are to hear: each process looks by itself, and only while somebody listens."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from kit.postgres.connect import AWAY, WRITER, Connection, Pool, pooled
from kit.running.ending import end
from write_side.accounts.socket.listeners import ASK_AGAIN, Listeners, Notice

LOOK_SECONDS = 0.4
"""Between two looks: what ended is heard of within a second, though each of them takes its time."""

UNKNOWN_SECONDS = 3.0
"""Time without an answer after which nobody goes on listening: their sessions may have ended."""

_ENDED = """
select l.id, l.account,
       case when a.erased_at is not null then 'account-erased'
            when a.disabled_at is not null then 'account-disabled'
            when s.revoked_at is null then 'ran-out' else coalesce(s.why, 'ended') end as why
  from unnest($1::uuid[], $2::uuid[]) l(id, account) join auth.account a on a.id = l.account
       left join auth.session s on s.id = l.id
 where s.id is null or s.revoked_at is not null or s.expires_at <= clock_timestamp()
    or a.disabled_at is not null"""

_HEAD = "select coalesce(max(position), 0) from log.event"

_RETURNED = """
select e.stream, split_part(e.type, '.', 1) as kind, (
         select (convert_from(s.meta, 'utf8')::jsonb ->> 'actor')::uuid from log.event s
          where s.stream = e.stream and s.version < e.version and s.type like '%.submitted'
          order by s.version desc limit 1) as account
  from log.event e
 where e.position > $1 and e.position <= $2 and e.type like '%.returned' order by e.position"""

_IMPORTS = """
select id, actor from auth.import_run
 where actor = any($1::uuid[]) and ended_at > clock_timestamp() - interval '10 seconds'"""


@asynccontextmanager
async def listeners(dsn: str) -> AsyncIterator[Listeners]:
    """Keep those who listen in this process told of what concerns them."""
    found = Listeners()
    async with pooled(dsn, "frankenjet listeners", WRITER, size=1) as pool:
        looking = asyncio.create_task(_keep_looking(found, pool), name="look for those who listen")
        try:
            yield found
        finally:
            await end(looking)


async def _keep_looking(found: Listeners, pool: Pool) -> None:
    while True:
        await found.some.wait()
        look = _Look(found)
        known = time.monotonic()
        while found.some.is_set():
            began = time.monotonic()
            try:
                async with asyncio.timeout(UNKNOWN_SECONDS), pool.acquire() as connection:
                    await look.once(connection)
                known = began
            except AWAY:
                if time.monotonic() - known > UNKNOWN_SECONDS:
                    for one in found.everybody():
                        one.tell(ASK_AGAIN)
            await asyncio.sleep(LOOK_SECONDS)


class _Look:
    """What was found before, while somebody listens."""

    def __init__(self, found: Listeners) -> None:
        self._found = found
        self._position: int | None = None
        self._told: set[UUID] = set()

    async def once(self, connection: Connection) -> None:
        """Tell everybody what happened since the last look."""
        found = self._found
        for row in await connection.fetch(_ENDED, *found.sessions):
            found.end(row["account"], row["id"], row["why"])
        head = await connection.fetchval(_HEAD)
        if self._position is not None and head > self._position:
            for row in await connection.fetch(_RETURNED, self._position, head):
                facts = {"kind": row["kind"], "id": str(row["stream"])}
                if row["account"] is not None:
                    found.tell(row["account"], Notice("submission-returned", facts))
        self._position = head
        ended = await connection.fetch(_IMPORTS, found.accounts)
        for row in ended:
            if row["id"] not in self._told:
                found.tell(row["actor"], Notice("import-ended", {"kind": "import", "id": str(row["id"])}))
        self._told = {row["id"] for row in ended}
