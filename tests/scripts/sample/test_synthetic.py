"""Synthetic entries: nobody could tell them from entries that came through commands."""

import asyncpg
import pytest

from events.codec import CODEC
from events.kinds.catalog import KINDS
from projections.catalog import PROJECTIONS
from projections.verify.verify import Build
from read_side.entry.kinds import MODEL
from scripts.models.verify import verify
from scripts.sample.made_up import terms_said
from scripts.sample.synthetic import counts, synthesize
from tests.adversaries.truth import check
from tests.projections.driving import follow, follower_of, projector
from write_side.call import Call
from write_side.entry import commands
from write_side.entry.bodies import revise_body
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus

ARTICLE = AGGREGATES["article"]
ReviseArticle = revise_body(ARTICLE.declared)

ENTRIES, REVISIONS = 40, 30


@pytest.fixture
async def made(database: str) -> str:
    async with bus(database, CODEC) as running:
        await synthesize(running, ENTRIES, REVISIONS)
    return database


async def test_a_log_of_synthetic_entries_is_sound_and_can_be_projected(
    made: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with projector(made) as connection:
        followers = {one.name: await follower_of(connection, one) for one in PROJECTIONS}
        for follower in followers.values():
            await follow(made, connection, follower)
        schema = followers[MODEL].schema
        shown = await connection.fetchval(f"select count(*) from {schema}.entry where title is not null")
        revisions = await connection.fetch(
            f"select count(*) from {schema}.revision group by entry order by 1 desc"
        )
    terms = len(terms_said(KINDS))
    assert ENTRIES + terms == shown
    assert [*counts(ENTRIES, REVISIONS), *[1] * terms] == [row["count"] for row in revisions]
    assert 0 == await verify(made, as_json=False, build=Build(CODEC, ())), capsys.readouterr().out
    await check(made, PROJECTIONS)


async def test_commands_go_on_where_synthetic_entries_end(made: str) -> None:
    async with await asyncpg.create_pool(made) as owner:
        stream, version = await owner.fetchrow(
            "select stream, max(version) from log.event group by 1 order by 2 desc limit 1"
        )
        snapshots = await owner.fetch("select version from log.snapshot where stream = $1", stream)
    assert [version] == [row["version"] for row in snapshots]
    async with bus(made, CODEC) as running:
        call = Call(actor=stream, stream=stream, expected=version)
        receipt = await running.run(commands.revise, ARTICLE, call, ReviseArticle(title="Again"))
    assert version + 1 == receipt.version
