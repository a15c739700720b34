"""Read models are made by one process at a time, and nobody else waits for that."""

from kit.log.portable.load import LOCK
from kit.postgres.connect import PROJECTOR, connect
from projections.engine.needed_generations import _TRY

_MINE = "select classid::bigint from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


async def test_the_lock_of_a_read_model_can_never_be_the_one_of_appends(database: str) -> None:
    connection = await connect(database, "frankenjet test", PROJECTOR)
    async with connection.transaction():
        assert await connection.fetchval(_TRY, "entries")
        models = await connection.fetchval(_MINE)
    await connection.fetchval("select pg_advisory_unlock_all()")
    async with connection.transaction():
        await connection.execute(LOCK)
        appends = await connection.fetchval(_MINE)
    await connection.close()
    assert models != appends
