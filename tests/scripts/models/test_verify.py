"""`frankenjet verify` finds nothing wrong with a sound log, and names what is wrong with another."""

import json

import asyncpg
import pytest
from structlog.testing import capture_logs

from events.codec import CODEC, Stored
from events.entry import Change
from events.kinds.article import ARTICLE
from kit.ids import new_id
from projections.notary.notary import ChainRunner
from projections.rebuild.replay import begin
from projections.rebuild.worker import BuildModule
from projections.verify.tables import SCRATCH
from projections.verify.verify import Build
from scripts.models.verify import verify
from tests.given.lives import random_lives, store, store_raw
from tests.projections.driving import follow, follower_of, projector
from tests.projections.made import PROJECTIONS
from tests.write_side.log.given import claim, command, key
from write_side.log.appender import Appender

TITLE = Change(before="a", after="b")
BUILD = Build(CODEC, PROJECTIONS, BuildModule("tests.projections.made"))
"""The real read models, and one that depends on the order between streams."""

LOG_ONLY = Build(CODEC, ())


@pytest.fixture
async def site(database: str) -> str:
    """Return a log with the lives of some articles, sealed in the midst, and projected."""
    lives = random_lives(1, articles=5, steps=120)
    await store(database, lives[:40])
    await seal(database)
    await store(database, lives[40:])
    await seal(database)
    await project(database)
    return database


async def seal(dsn: str) -> None:
    async with projector(dsn) as connection:
        chain = await ChainRunner.resumed(connection)
        while await chain.step():
            pass
        await chain.seal_now()


async def project(dsn: str) -> None:
    async with projector(dsn) as connection:
        for projection in PROJECTIONS:
            await follow(dsn, connection, await follower_of(connection, projection))


async def schema_of(dsn: str, model: str) -> str:
    async with projector(dsn) as connection:
        schema: str = await connection.fetchval(
            "select schema from project.generation where model = $1", model
        )
        return schema


async def change(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()


async def found(dsn: str, capsys: pytest.CaptureFixture[str], build: Build = BUILD) -> dict[str, str]:
    """Return what is wrong, by check; the exit code must agree."""
    capsys.readouterr()
    with capture_logs():
        code = await verify(dsn, as_json=True, build=build)
    said = json.loads(capsys.readouterr().out)
    wrong = {check["name"]: check["detail"] for check in said["checks"] if not check["ok"]}
    assert (code, said["ok"]) == ((1, False) if wrong else (0, True))
    return wrong


async def test_nothing_is_wrong_with_a_sound_log(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert {} == await found(site, capsys)
    with capture_logs():
        assert await verify(site, as_json=False, build=BUILD) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok") for line in lines)
    names = [line.split()[1] for line in lines]
    models = [projection.name for projection in PROJECTIONS]
    log = ["positions", "times", "events", "chain", "readers", "kinds", "golden", "streams", "slugs", "keys"]
    assert [*log, "stream", "numbers", *models] == names


async def test_an_empty_log_lacks_only_tables(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert {one.name for one in PROJECTIONS} == (await found(database, capsys)).keys()


async def test_no_scratch_schema_is_left_not_even_of_a_run_that_was_killed(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with projector(site) as connection:
        await begin(connection, PROJECTIONS[0], SCRATCH, 1)
    await found(site, capsys)
    async with projector(site) as connection:
        rows = await connection.fetch("select schema from project.generation")
        left = await connection.fetch("select nspname from pg_namespace where nspname like '%scratch%'")
    assert (len(PROJECTIONS), 0) == (len(rows), len(left))


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        ("delete from log.event where position = 7", {"positions", "chain", "readers", "streams"}),
        ("update log.event set recorded_at = 'epoch' where position = 9", {"times", "chain"}),
        ("update log.event set payload = '{' where position = 3", {"events", "chain"}),
        ("update log.event set meta = '' where position = 3", {"events", "chain"}),
        ("update log.event set id = gen_random_uuid() where position = 2", {"chain", "readers"}),
        ("update project.seal set chain = sha256('') where position < 45", {"chain"}),
        ("insert into project.seal values (9999, sha256(''))", {"chain"}),
        ("delete from project.kind where type = 'article.created'", {"kinds"}),
        ("insert into log.key values (gen_random_uuid(), gen_random_uuid(), 9999, '')", {"keys"}),
        ("update project.cursor set seen = seen - 1", {"readers"}),
        ("update project.cursor set digest = digest + 1", {"readers"}),
        ("update project.cursor set event = gen_random_uuid()", {"readers"}),
    ],
)
async def test_what_is_damaged_is_named(
    site: str, capsys: pytest.CaptureFixture[str], damage: str, checks: set[str]
) -> None:
    await change(site, damage)
    assert checks == set(await found(site, capsys, LOG_ONLY))


async def test_a_log_that_cannot_be_folded_is_named(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    await change(site, "delete from log.event where position = 7")
    assert "cannot be folded" in (await found(site, capsys))["entries"]


async def test_a_log_that_ends_before_its_tables_is_named(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await change(site, "delete from log.event where position > 30")
    wrong = await found(site, capsys)
    assert {projection.name for projection in PROJECTIONS} <= wrong.keys()
    assert "the log ends at 30, the tables stand at" in wrong["authors"]


async def test_a_seal_says_between_which_positions_an_event_was_rewritten(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with projector(site) as connection:
        first, second = [
            row[0] for row in await connection.fetch("select position from project.seal order by 1")
        ]
    await change(site, f"update log.event set payload = payload || ' ' where position = {first + 2}")
    wrong = await found(site, capsys, LOG_ONLY)
    assert wrong["chain"] == f"an event from {first + 1} to {second} is not what was sealed"


async def test_a_stream_that_begins_again_is_named(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    stream = random_lives(1, articles=5, steps=120)[0][0]
    await change(
        site,
        "update log.event e set type = first.type, schema = first.schema, payload = first.payload"
        f" from log.event first where e.stream = '{stream}' and e.version = 2 and first.stream = e.stream"
        " and first.version = 1",
    )
    assert "begins again at version 2" in (await found(site, capsys, LOG_ONLY))["streams"]


async def test_versions_that_jump_or_run_backwards_are_named(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = random_lives(1, articles=5, steps=120)[0][0]
    await change(
        site,
        f"update log.event set version = version + 1000 where stream = '{stream}' and version > 2",
    )
    assert "jumps to version 1003" in (await found(site, capsys, LOG_ONLY))["streams"]
    await change(
        site,
        f"update log.event set version = version - 1000 where stream = '{stream}' and version > 2",
        f"update log.event set version = 3 - version - 100 where stream = '{stream}' and version < 3",
        f"update log.event set version = version + 100 where stream = '{stream}' and version < 0",
    )
    assert "was stored before" in (await found(site, capsys, LOG_ONLY))["streams"]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("update {schema}.entry set slug = 'other' where slug = 'life-1-3'", 1),
        ("delete from {schema}.revision where revision = 1", 5),
        ("update {schema}.revision set body = body || '.' where revision = 1", 5),
        ("insert into {schema}.address select kind, 'ghost', locale, entry from {schema}.address limit 1", 1),
    ],
)
async def test_a_row_that_its_events_do_not_come_to_is_named(
    site: str, capsys: pytest.CaptureFixture[str], damage: str, named: int
) -> None:
    await change(site, damage.format(schema=await schema_of(site, "entries")))
    wrong = await found(site, capsys)
    assert set(wrong) == {"entries"}
    assert named == wrong["entries"].count("is not what its events come to")


async def test_a_parked_entity_is_left_out_and_nothing_else(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    poisoned = random_lives(1, articles=5, steps=120)[0][0]
    async with projector(site) as connection:
        version = await connection.fetchval("select max(version) from log.event where stream = $1", poisoned)
    await store_raw(site, poisoned, version, Stored("article.revised", 1, b'{"revision":"x"}'))
    await store(site, [(poisoned, version + 1, ARTICLE.life.revised(revision=99, changed={"title": TITLE}))])
    await project(site)
    wrong = await found(site, capsys)
    assert set(wrong) == {"events"}
    # An operator mends the row of the parked entity by hand: that is his affair. Another row is not.
    schema = await schema_of(site, "entries")
    await change(site, f"update {schema}.entry set version = 0 where id = '{poisoned}'")
    assert set(await found(site, capsys)) == {"events"}
    await change(site, f"update {schema}.entry set version = 0 where id <> '{poisoned}'")
    assert set(await found(site, capsys)) == {"events", "entries"}


async def test_verifying_goes_on_while_the_site_is_written_to(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Appender(site) as appender:
        await appender.append(command(claim(new_id()), key=key()))
    wrong = await found(site, capsys)
    assert set(wrong) == {"events", "golden"}
    assert "test.happened" in wrong["golden"]
