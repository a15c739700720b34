"""`frankenjet status` tells what is so, also of readers that nobody started or a database that is away."""

import asyncio
import io
from typing import Any

import orjson
import pytest
from rich.console import Console

from events.codec import CODEC
from kit.health.tasks import ProcessHealth
from kit.log.waiting import keep_noted
from projections.catalog import PROJECTIONS
from projections.forwarding.leading import forwarding
from scripts.models.status import status, watch
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.projections.engine.test_rewind import rewind
from tests.servers.beside import beside
from tests.servers.proxy import proxied

ARTICLE = PROJECTIONS[0]


async def said(dsn: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code and what is said of each reader; the first one is that of the articles."""
    capsys.readouterr()
    code = await status(dsn, as_json=True)
    return code, orjson.loads(capsys.readouterr().out.splitlines()[-1])["readers"]


async def test_readers_that_nobody_has_started_are_stopped_with_all_events_before_them(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(51, articles=1, steps=0))
    await asyncio.sleep(0.05)
    code, readers = await said(database, capsys)
    assert (3, ["entries", "feed", "forwarder", "notary"]) == (
        code,
        [one["name"] for one in readers],
    )
    for one in readers:
        assert {"state": "stopped", "position": 0, "lag_events": 2, "parked": 0}.items() <= one.items()
        assert 0.05 <= one["lag_seconds"] == one["oldest_unprojected_seconds"] < 60


@pytest.mark.parametrize(
    ("url", "reason"),
    [("", "no RABBITMQ_URL is set"), ("amqp://guest:guest@127.0.0.1:1/", "127.0.0.1")],
)
async def test_a_forwarder_that_can_send_nothing_says_what_it_waits_for(
    database: str, capsys: pytest.CaptureFixture[str], url: str, reason: str
) -> None:
    await store(database, random_lives(55, articles=1, steps=0))
    async with beside(forwarding(database, "test", CODEC, url, ProcessHealth())):
        async with asyncio.timeout(30):
            while True:
                forwarder = await of_forwarder(database, capsys)
                if forwarder["state"] == "waiting" and reason in forwarder["waits_for"]:
                    break
                await asyncio.sleep(0.1)
    assert 2 == forwarder["lag_events"]
    forwarder = await of_forwarder(database, capsys)
    assert ("stopped", None) == (forwarder["state"], forwarder["waits_for"]), "nobody is there any more"


async def test_what_is_waited_for_is_forgotten_once_it_is_there(database: str) -> None:
    reasons = ["the broker is away"]
    noting = asyncio.create_task(keep_noted(database, "forwarder", lambda: reasons[-1]))
    try:
        for wanted in (["the broker is away"], []):
            async with asyncio.timeout(30):
                while await waiting(database) != wanted:  # noqa: ASYNC110 - in the database
                    await asyncio.sleep(0.05)
            reasons.append("")
    finally:
        noting.cancel()
        await asyncio.gather(noting, return_exceptions=True)


async def of_forwarder(dsn: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return next(one for one in (await said(dsn, capsys))[1] if one["name"] == "forwarder")


async def waiting(dsn: str) -> list[str]:
    """Return what readers wait for."""
    async with projector(dsn) as connection:
        return [row["reason"] for row in await connection.fetch("select reason from project.waiting")]


async def test_an_empty_log_keeps_nobody_waiting(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, readers = await said(database, capsys)
    assert [(0, 0.0, 0.0)] * 4 == [
        (one["lag_events"], one["lag_seconds"], one["oldest_unprojected_seconds"]) for one in readers
    ]


async def test_a_reader_whose_event_was_replaced_is_halted_though_somebody_leads_it(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(52, articles=1, steps=5))
    async with projector(database) as connection:
        await follow(database, connection, await follower_of(connection, ARTICLE))
        assert "current" == (await said(database, capsys))[1][0]["state"]
        rewind(database, 0)
        await store(database, random_lives(53, articles=3, steps=20))
        code, (article, *_) = await said(database, capsys)
        assert (3, "halted", "test") == (code, article["state"], article["holder"])


async def test_a_table_that_is_watched_shows_what_happens_and_says_when_the_database_is_away(
    database: str,
) -> None:
    drawn = io.StringIO()

    async def until(words: str) -> None:
        async with asyncio.timeout(30):
            while words not in drawn.getvalue():  # noqa: ASYNC110 - it is drawn each second
                await asyncio.sleep(0.02)

    async with proxied(database) as (proxy, dsn):
        watching = asyncio.create_task(watch(dsn, Console(file=drawn, force_terminal=True, width=120)))
        await until("log head 0")
        await store(database, random_lives(54, articles=1, steps=0))
        await until("log head 2")
        await proxy.refuse()
        proxy.reset()
        await until("the database has not been read for")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_of_a_database_that_is_away_nothing_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ConnectionRefusedError):
        await status("postgresql://nobody@127.0.0.1:1/nothing", as_json=True)
    assert "" == capsys.readouterr().out
