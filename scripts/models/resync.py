"""`frankenjet resync`: after a rewind of the log, readers drop what it no longer holds and begin anew."""

import asyncpg

from kit.log.lease import Rewind, check_lineage
from kit.postgres.connect import PROJECTOR, STEADY, Connection, connect
from projections.builds.generation import Generation, drop
from scripts.cli.report import reporting

_GENERATION = "select model, fingerprint, generation, schema, state from project.generation where schema = $1"

_AGAIN = """
with fenced as (
  update project.lease set term = term + 1, until = clock_timestamp() where name = $1 returning term)
update project.cursor c set position = 0, seen = 0, digest = 0, event = null,
       term = coalesce((select f.term from fenced f), c.term)
 where c.schema = $1"""
"""Whoever is at work on it holds an old term now, and begins anew."""

_ELSEWHERE = """
select c.schema from project.cursor c
 where not exists (select from project.generation g where g.schema = c.schema) order by 1"""
"""Readers that leave their traces outside the database, where a log is known by its id."""

_SEALS = "delete from project.seal where position > log.head()"

_IDENTITY = "update log.identity set id = gen_random_uuid(), made_at = clock_timestamp() returning id"


async def resync(dsn: str, owner_dsn: str, *, forget: bool, as_json: bool = False) -> int:
    """Compare every reader's cursor with the log, and let those begin anew that saw another one.

    The log gets a new id, so that whatever is kept elsewhere is known to be of the former one, and so the
    forwarder sends every event again, with its own id. Read models that saw another log are filled again by
    the projector; the others were restored together with the log.

    Args:
        dsn: address of the database.
        owner_dsn: address of the owner, who may give the log a new id.
        forget: do it, even if no reader noticed anything; otherwise only say which readers are affected.
        as_json: one object a line, {"reader", "rewound", "begins_anew"} or {"log"}, instead of words.

    Returns:
        0 when every reader agrees with the log, or does so now; 1 when some do not and nothing was done.
    """
    say = reporting(as_json=as_json)
    connection = await connect(
        dsn, "frankenjet resync", PROJECTOR, statement_timeout="0", lock_timeout="30000"
    )
    try:
        names = [
            row["schema"] for row in await connection.fetch("select schema from project.cursor order by 1")
        ]
        rewound = [name for name in names if not await _agrees(connection, name)]
        for name in rewound:
            say(f"{name}: EPOCH_REWIND", reader=name, rewound=True)
        if not rewound:
            say("every reader agrees with the log", rewound=False)
        if not forget:
            return 1 if rewound else 0
        log_id = await _new_identity(owner_dsn)  # first: whoever begins anew asks for it
        say(f"the log is now {log_id}", log=log_id)
        elsewhere = [row["schema"] for row in await connection.fetch(_ELSEWHERE)]
        for name in dict.fromkeys(rewound + elsewhere):
            await _begin_anew(connection, name)
            say(f"{name}: begins anew", reader=name, begins_anew=True)
    finally:
        await connection.close()
    return 0


async def _agrees(connection: Connection, name: str) -> bool:
    try:
        await check_lineage(connection, name)
    except Rewind:
        return False
    return True


async def _begin_anew(connection: Connection, name: str) -> None:
    row = await connection.fetchrow(_GENERATION, name)
    if row is not None:
        await drop(connection, Generation(*row), _is_rewound)
    else:
        await connection.execute(_AGAIN, name)


async def _is_rewound(connection: Connection, generation: Generation) -> bool:
    return not await _agrees(connection, generation.schema)


async def _new_identity(owner_dsn: str) -> str:
    """Give the log a new id, and drop seals of events that it does not hold."""
    connection = await asyncpg.connect(owner_dsn, server_settings=STEADY)
    try:
        async with connection.transaction():
            await connection.execute(_SEALS)
            return str(await connection.fetchval(_IDENTITY))
    finally:
        await connection.close()
