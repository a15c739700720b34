"""`frankenjet resync`: after a rewind of the log, readers drop what it no longer holds and begin anew."""

import asyncpg

from kit.db import PROJECTOR, Connection, connect
from projections.generation import Generation, drop
from projections.lease import Rewind, check_lineage

_GENERATION = "select model, fingerprint, generation, schema, state from project.generation where schema = $1"

_AGAIN = "update project.cursor set position = 0, seen = 0, digest = 0, event = null where schema = $1"

_SEALS = "delete from project.seal where position > log.head()"

_IDENTITY = "update log.identity set id = gen_random_uuid(), made_at = clock_timestamp() returning id"


async def resync(dsn: str, owner_dsn: str, *, forget: bool) -> int:
    """Compare every reader's cursor with the log, and let those begin anew that saw another one.

    Read models are filled again by the projector; the forwarder sends every event again, with its own id; the
    log gets a new id, so that whatever is kept elsewhere is known to be of the former one.

    Args:
        dsn: address of the database.
        owner_dsn: address of the owner, who may give the log a new id.
        forget: do it; otherwise only say which readers are affected.

    Returns:
        0 when every reader agrees with the log, or does so now; 1 when some do not and nothing was done.
    """
    connection = await connect(
        dsn, "frankenjet resync", PROJECTOR, statement_timeout="0", lock_timeout="30000"
    )
    try:
        names = [
            row["schema"] for row in await connection.fetch("select schema from project.cursor order by 1")
        ]
        rewound = [name for name in names if not await _agrees(connection, name)]
        for name in rewound:
            print(f"{name}: EPOCH_REWIND{', begins anew' if forget else ''}")
            if forget:
                await _begin_anew(connection, name)
    finally:
        await connection.close()
    if not rewound:
        print("every reader agrees with the log")
    elif forget:
        print(f"the log is now {await _new_identity(owner_dsn)}")
    return 1 if rewound and not forget else 0


async def _agrees(connection: Connection, name: str) -> bool:
    try:
        await check_lineage(connection, name)
    except Rewind:
        return False
    return True


async def _begin_anew(connection: Connection, name: str) -> None:
    row = await connection.fetchrow(_GENERATION, name)
    if row is not None:
        await drop(connection, Generation(*row))
    else:
        await connection.execute(_AGAIN, name)


async def _new_identity(owner_dsn: str) -> str:
    """Give the log a new id, and drop seals of events that it does not hold."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(_SEALS)
            return str(await connection.fetchval(_IDENTITY))
    finally:
        await connection.close()
