"""The log against an adversary, and the adversary against logs that deserve it."""

import os
from pathlib import Path

import asyncpg
import pytest

import migrations
from tests.write_side.log.adversary import attack
from tests.write_side.log.audit import Tally

SEED = int(os.environ.get("PROVE_SEED") or 1)  # noqa: TID251 - tests have no settings
MINUTES = float(os.environ.get("PROVE_MINUTES") or 1)  # noqa: TID251

SOUND = Tally(lost=0, duplicated=0, unwanted=0, halved=0, disordered=0, gaps=0, late=0)


def sabotaged(sql: str) -> str:
    """Take the lock out of log.append, and number by a sequence, as logs are often made.

    Numbering by the last position would not do: two groups would collide on it, loudly.
    """
    for before, after in (
        ("create function", "create or replace function"),
        ("  perform pg_advisory_xact_lock(726571, 1);\n", ""),
        (
            "  if head > tail then\n",
            "  if head > tail then\n"
            "    key_by := array[setval('log.sabotage', nextval('log.sabotage') + head - tail)]::int[];\n"
            "    by_command := array(select p + key_by[1] - head - 1 from unnest(by_command) with ordinality w(p, n) order by n);\n"
            "    first := array(select p + key_by[1] - head - 1 from unnest(first) with ordinality w(p, n) order by n);\n",
        ),
    ):
        assert before in sql
        sql = sql.replace(before, after)
    return f"create sequence log.sabotage; {sql}"


async def test_nothing_is_lost_doubled_or_late_under_attack(database: str) -> None:
    assert SOUND == await attack(database, SEED, 5)


async def test_the_attack_finds_a_log_without_its_lock(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute(
        sabotaged((Path(migrations.__file__).parent / "sql" / "append_v1.sql").read_text())
    )
    await connection.close()
    tally = await attack(database, SEED, 2)
    assert tally.late > 0


@pytest.mark.prove
async def test_nothing_is_lost_doubled_or_late_under_a_long_attack(database: str) -> None:
    assert SOUND == await attack(database, SEED, MINUTES * 60)
