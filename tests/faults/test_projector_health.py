"""The projector says how it is while it follows, is frozen, loses the database, or may not go on."""

import asyncio
import io
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from events.codec import Stored
from scripts.models.status import status
from tests.given.lives import ARCHIVED, random_lives, store, store_behind
from tests.projections.engine.test_rewind import rewind
from tests.servers.processes import free_port, processes
from tests.servers.proxy import proxied
from tests.servers.running import in_process, settings_for
from tests.write_side.log.given import value

UNIT = re.compile(r"_(seconds|events|entities|streams|webhooks|total|info)$|_seconds_(bucket|count|sum)$")

DISCONNECT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()"""

type Figures = dict[str, dict[str, float]]
"""Name → first part of the reader's or task's name → value."""


def figures_in(text: str) -> Figures:
    """Parse what a server of Prometheus scrapes; each name says its unit."""
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert UNIT.search(sample.name), sample.name
            labels = sample.labels
            whose = labels.get("reader") or labels.get("task") or labels.get("route") or ""
            whose = "entries" if whose.startswith("read_entries_") else whose
            found.setdefault(sample.name, {})[whose] = sample.value
            if family.type == "gauge" and "role" in labels:
                found.setdefault(f"role {labels['role']}", {})[whose] = float(labels["term"])
    return found


class Copy:
    """One projector that is asked over HTTP."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._url = f"http://127.0.0.1:{port}"

    async def ask(self, path: str, timeout: float = 5.0) -> tuple[int, Any]:  # noqa: ASYNC109 - the client's own
        async with httpx2.AsyncClient(base_url=self._url, timeout=timeout) as client:
            answer = await client.get(path)
        return answer.status_code, orjson.loads(answer.content) if path != "/metrics" else answer.text

    def send(self, what: signal.Signals) -> None:
        os.kill(self._pid, what)

    async def figures(self) -> Figures:
        return figures_in((await self.ask("/metrics"))[1])

    async def until(self, status: int, true: Callable[[Any], bool] = bool, seconds: float = 30) -> Any:
        """Wait until /readyz answers so; return its body."""
        end, said = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            try:
                found, facts = await self.ask("/readyz")
            except httpx2.HTTPError as error:
                said = repr(error)
            else:
                if found == status and true(facts):
                    return facts
                said = f"{found} {facts}"
            await asyncio.sleep(0.05)
        raise AssertionError(said)


@asynccontextmanager
async def copies(dsn: str, folder: Path, count: int = 1) -> AsyncIterator[list[Copy]]:
    """Run projectors that are ready, one leading, the others standing by."""
    with ExitStack() as stack:
        found = []
        for number in range(count):
            port, here = free_port(), folder / str(number)
            here.mkdir()
            running = stack.enter_context(
                processes(settings_for(dsn, here), here, FRANKENJET_PROJECTOR_PORT=str(port))
            )
            found.append(Copy(running.start("project").pid, port))
        for one in found:
            await one.until(200)
        yield found


async def said_by_status(dsn: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of `frankenjet status --json`, and what it says of the articles."""
    with redirect_stdout(io.StringIO()) as said:
        code = await status(dsn, as_json=True)
    found = orjson.loads(said.getvalue())
    return code, found | next(one for one in found["readers"] if one["model"] == "entries")


def article_in(facts: Any) -> Any:
    return next(one for one in facts["readers"] if one["name"].startswith("read_entries_"))


def at_the_head(facts: Any) -> bool:
    return bool(article_in(facts)["lag_events"] == 0)


async def test_it_says_who_leads_how_far_it_is_and_what_is_parked(database: str, tmp_path: Path) -> None:
    async with copies(database, tmp_path, 2) as both:
        lives = random_lives(41, articles=3, steps=60)
        await store(database, lives)
        poison = Stored("article.revised", 1, b'{"revision":"poison')
        await store_behind(database, lives, 0, poison, ARCHIVED)
        head = await value(database, "select log.head()")
        for one in both:
            ready = await one.until(200, at_the_head)
            assert (head, []) == (ready["head"], ready["faults"])
        first, second = [await one.figures() for one in both]
        leads, stands_by = (first, second) if "entries" in first.get("role leads", {}) else (second, first)
        assert (1, 1) == (leads["role leads"]["entries"], stands_by["role stands by"]["entries"]), "the term"
        for seen in (leads, stands_by):
            assert {"": head} == seen["frankenjet_log_head_events"]
            assert 1 > seen["frankenjet_log_head_age_seconds"][""]
            for name, expected in {"lag_events": 0, "lag_seconds": 0, "position_events": head}.items():
                assert expected == seen[f"frankenjet_reader_{name}"]["entries"], name
            assert (2, 1) == tuple(
                seen[f"frankenjet_reader_parked_{what}"]["entries"] for what in ("events", "entities")
            )
            assert 0 < seen["frankenjet_reader_oldest_unprojected_seconds"]["entries"] < 60
        assert head == leads["frankenjet_reader_events_total"]["entries"]
        assert "entries" in stands_by["frankenjet_reader_events_total"]
        batches = leads["frankenjet_reader_batches_total"]["entries"]
        assert batches == leads["frankenjet_reader_batch_duration_seconds_count"]["entries"] > 0
        assert 0 < leads["frankenjet_reader_batch_duration_seconds_sum"]["entries"] < 60
        assert 0 == leads["frankenjet_projector_restarts_total"]["engine"]
        said = article_in((await both[0].ask("/readyz"))[1])
        assert (1, True) == (said["parked_entities"], "frankenjet parked list" in said["parked"])
        async with in_process(database, tmp_path, projector=False) as site:
            assert 2 == (await site.client.get("/readyz")).json()["entries"]["parked"]


async def test_a_frozen_projector_is_found_by_asking_others(database: str, tmp_path: Path) -> None:
    async with (
        in_process(database, tmp_path, projector=False) as site,
        copies(database, tmp_path) as (one,),
    ):
        await store(database, random_lives(42, articles=1, steps=20))
        await one.until(200, at_the_head)
        code, before = await said_by_status(database)
        assert (0, "current", before["head"]) == (code, before["state"], before["position"])
        one.send(signal.SIGSTOP)
        await store(database, random_lives(43, articles=1, steps=0))
        await asyncio.sleep(0.2)
        with pytest.raises(httpx2.TimeoutException):
            await one.ask("/metrics", timeout=0.3)
        _, now = await said_by_status(database)
        assert ("behind", before["position"], 2) == (now["state"], now["position"], now["lag_events"])
        assert 0.2 <= now["lag_seconds"] <= now["oldest_unprojected_seconds"]
        seen = figures_in((await site.client.get("/metrics")).text)
        assert (2, now["head"]) == (
            seen["frankenjet_reader_lag_events"]["entries"], seen["frankenjet_log_head_events"][""],
        )  # fmt: skip
        assert 0.2 <= seen["frankenjet_reader_lag_seconds"]["entries"]
        assert 1 == seen["role led"]["entries"]
        with psycopg.connect(database) as owner:  # the lease runs out
            owner.execute("update project.lease set until = clock_timestamp()")
        code, now = await said_by_status(database)
        assert (3, "stopped") == (code, now["state"])
        assert "entries" in figures_in((await site.client.get("/metrics")).text)["role stopped"]
        one.send(signal.SIGCONT)
        await one.until(200, at_the_head)
        assert 0 == (await one.figures())["frankenjet_reader_lag_events"]["entries"]


async def test_a_database_that_is_away_is_said_and_one_that_comes_back_older_halts_it(
    database: str, tmp_path: Path
) -> None:
    await store(database, random_lives(44, articles=1, steps=20))
    async with proxied(database) as (proxy, dsn), copies(dsn, tmp_path) as (one,):
        await one.until(200, at_the_head)
        await proxy.refuse()
        proxy.reset()
        facts = await one.until(503)
        assert facts["faults"][0].startswith("the database has not been read for")
        assert (200, {"alive": True, "faults": []}) == await one.ask("/livez"), (
            "a new start would mend nothing"
        )
        async with asyncio.timeout(30):
            while not (seen := await one.figures())["frankenjet_projector_restarts_total"]["engine"]:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.05)
        assert seen["frankenjet_log_head_age_seconds"][""] > 0.05
        assert not [name for name in seen if re.search("lag|position|parked|head_events|role", name)]
        since = time.time() - seen["frankenjet_projector_last_error_timestamp_seconds"]["engine"]
        assert 0 <= since < 5

        rewind(database, 5)
        await proxy.accept()
        facts = await one.until(
            503, lambda facts: "readers" in facts and article_in(facts)["role"] == "halted"
        )
        article = article_in(facts)
        assert ("halted", True, True) == (
            article["role"], "EPOCH_REWIND" in article["why"], "frankenjet resync" in article["mend"],
        )  # fmt: skip
        assert "entries" in (await one.figures())["role halted"]
        async with asyncio.timeout(30):
            while "projection.halted" not in (tmp_path / "0" / "project.log").read_text():  # noqa: ASYNC110 - it says so in its log
                await asyncio.sleep(0.05)
        code, now = await said_by_status(database)
        assert (3, "halted") == (code, now["state"])
