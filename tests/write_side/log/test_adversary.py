"""The log against an adversary, and the adversary against logs that deserve it."""

import os
import random
from pathlib import Path

import asyncpg
import pytest

import migrations
from tests.write_side.log.adversary import attack
from tests.write_side.log.audit import Tally

SQL = Path(migrations.__file__).parent / "sql"

GIVEN = os.environ.get("PROVE_SEED", "")  # noqa: TID251 - tests have no settings
SEED = int(GIVEN or random.SystemRandom().randrange(1_000_000))
MINUTES = float(os.environ.get("PROVE_MINUTES", "1"))  # noqa: TID251

SOUND = Tally(lost=0, duplicated=0, unwanted=0, halved=0, disordered=0, gaps=0, late=0)


def sabotaged(sql: str) -> str:
    """Take the lock out of log.append and number by a sequence, as many a log was made.

    Without the lock alone, two groups would collide on the next position: loudly, and harmlessly.
    """
    for before, after in (
        ("create function", "create or replace function"),
        ("perform pg_advisory_xact_lock(726571, 1);", ""),
        ("select e.n + by_command[k_command[e.claim]],", "select nextval('log.sabotage'),"),
    ):
        assert before in sql
        sql = sql.replace(before, after)
    return f"create sequence log.sabotage; {sql}"


async def test_nothing_is_lost_doubled_or_late_under_attack(database: str) -> None:
    tally, counted = await attack(database, SEED, 5)
    assert tally == SOUND, f"SEED={SEED}"
    assert min(counted) > 0


async def test_the_attack_finds_out_a_log_without_its_lock(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute(sabotaged((SQL / "append_v1.sql").read_text()))
    await connection.close()
    tally, _ = await attack(database, SEED, 2)
    assert tally.late
    assert tally.gaps


@pytest.mark.prove
async def test_nothing_is_lost_doubled_or_late_under_a_long_attack(database: str) -> None:
    tally, counted = await attack(database, SEED, MINUTES * 60)
    assert tally == SOUND, f"SEED={SEED}"
    assert min(counted) > 0
