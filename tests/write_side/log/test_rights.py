"""What the processes may do to the log: the writer appends, and nobody changes it."""

import asyncpg
import pytest

from tests.write_side.log.given import one_event, rows, store, writer


async def test_the_writer_can_do_nothing_to_the_log_but_append(database: str) -> None:
    async with writer(database) as connection:
        await store(connection, one_event())
        for sql in (
            "insert into log.event select * from log.event",
            "update log.event set payload = ''",
            "delete from log.event",
            "truncate log.event",
            "insert into log.key values (gen_random_uuid(), gen_random_uuid(), 1, '')",
            "update log.key set position = 1",
            "update log.identity set id = gen_random_uuid()",
            "drop function log.append",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
    assert 1 == len(await rows(database))
