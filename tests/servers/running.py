"""FrankenJet running for a test: in this process, or as the real processes that an operator starts."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kit.auth.keys import ensure_signing_key, load_signing_key
from kit.auth.passwords import Cost
from kit.auth.roles import Role
from kit.ids import new_id
from kit.log.line import Line
from kit.postgres.connect import AWAY, connect
from kit.settings import Settings
from projections.engine.shared_cache import Copies
from projections.main import project
from projections.this_build import THIS_BUILD
from projections.webhooks.deliverer import WebhookSettings
from scripts.app import WholeBuild, create
from tests.given.people import People
from tests.servers.lifespan import lifespan
from tests.servers.processes import Processes, processes
from tests.servers.servers import redis_url

REDIS = redis_url()

CHEAP = Cost(memory_kib=64, passes=1)
"""Of each hash of a password: next to nothing. A site that runs as processes hashes as in earnest."""

UNTOLD = "delete from auth.outbox"
STANDING = "select count(*) from project.generation where state = 'current'"


class Editor:
    """Somebody with a token who sends commands; remembers versions, as an editor's page would."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def send(
        self, method: str, path: str, body: Any = None, *, version: int | None = None, key: str = ""
    ) -> httpx2.Response:
        headers = dict(self.headers)
        if version is not None:
            headers["If-Match"] = f'"v{version}"'
        if key:
            headers["Idempotency-Key"] = key
        return await self.client.request(method, f"/v1{path}", json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None, **how: Any) -> dict[str, Any]:
        """Send a command that is accepted, and return its receipt."""
        return _receipt(await self.send(method, path, body, **how))

    async def until_done(self, method: str, path: str, body: Any = None, **how: Any) -> dict[str, Any]:
        """Send a command until it is accepted, as one does who is told to come back; return its receipt.

        A busy machine is too slow at times. Under its key the command is done once, however often it is sent.
        """
        key = new_id().hex
        return _receipt(await _not_later(lambda: self.send(method, path, body, key=key, **how)))


def _receipt(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def answered(
    client: httpx2.AsyncClient, place: str, headers: Mapping[str, str] | None = None, **query: Any
) -> httpx2.Response:
    """Ask until one is not told to come back: a busy machine takes longer than a reader waits."""
    return await _not_later(lambda: client.get(place, params=query, headers=headers))


async def _not_later(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Ask until the answer does not say when to ask again; after a minute whatever is answered counts."""
    end = time.monotonic() + 60
    answer = await ask()
    while "retry-after" in answer.headers and time.monotonic() < end:
        await asyncio.sleep(0.05)
        answer = await ask()
    return answer


class Site(NamedTuple):
    """A running FrankenJet and the people who use it."""

    client: httpx2.AsyncClient
    editor: Editor
    moderator: Editor
    dsn: str


def settings_for(dsn: str, folder: Path, **more: Any) -> Settings:
    """Return settings of a test's own: its database, its prefix in Redis, its key."""
    key = folder / "signing-key.pem"
    ensure_signing_key(key)
    own: dict[str, Any] = {
        "state": folder,
        "signing_key_file": key,
        "redis_url": REDIS,
        "rabbitmq_url": "",
        "redis_prefix": f"fjtest-{new_id().hex[-12:]}",
        "limits": 1_000.0,
    }
    return Settings(database_url=dsn, **(own | more))


async def projecting(settings: Settings, build: WholeBuild) -> None:
    """Project, as `frankenjet project` does."""
    dsn = settings.database_url
    async with (
        Copies(dsn, settings.redis_url, settings.redis_prefix, build.entries.views) as copies,
        Line(dsn, "notary") as line,
    ):
        await project(
            dsn, build.codec, build.projections, THIS_BUILD, line,
            rabbitmq_url=settings.rabbitmq_url, committed=copies.committed, views=build.entries.views,
            webhooks=WebhookSettings(loopback=settings.webhooks_loopback, empty=0.2),
        )  # fmt: skip


@asynccontextmanager
async def in_process(
    dsn: str,
    folder: Path,
    build: WholeBuild = WholeBuild(),  # noqa: B008 - immutable
    *,
    projector: bool = True,
    hashing: Cost = CHEAP,
    **more: Any,
) -> AsyncIterator[Site]:
    """Run the API and the projector of a build in this process.

    Args:
        dsn: the database.
        folder: for the signing key.
        build: what is stored, projected and served.
        projector: whether a projector runs here too.
        hashing: what each hash of a password costs.
        more: further settings, such as rabbitmq_url.
    """
    settings = settings_for(dsn, folder, **more)
    tokens = await tokens_for(settings, dsn)
    app = create(settings, build._replace(hashing=hashing))
    tasks = [asyncio.create_task(projecting(settings, build))] if projector else []
    try:
        async with (
            lifespan(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client,
        ):
            if projector:
                await read_tables_stand(dsn, len(build.projections))
            yield Site(client, Editor(client, tokens["editor"]), Editor(client, tokens["moderator"]), dsn)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await forget(settings)


async def read_tables_stand(dsn: str, models: int) -> None:
    """Wait until the projector has made its tables: that may take a busy machine longer than readers wait.

    A projector that cannot make them, as some tests want it, is not waited for longer than some seconds.
    """
    owner = await connect(dsn, "test owner")
    with suppress(TimeoutError, *AWAY):
        async with asyncio.timeout(15):
            while await owner.fetchval(STANDING) < models:  # noqa: ASYNC110 - another task makes them
                await asyncio.sleep(0.02)
    await owner.close()


async def forget(settings: Settings) -> None:
    """Remove what a test has put into a Redis that others use too."""
    if settings.redis_url != REDIS:
        return
    redis = Redis.from_url(REDIS)
    with suppress(RedisError):
        async for key in redis.scan_iter(f"{settings.redis_prefix}:*", count=1_000):
            await redis.delete(key)
    await redis.aclose()


async def tokens_for(settings: Settings, dsn: str) -> dict[str, str]:
    """Make an editor and a moderator, of whom the log is not told; return role → token."""
    assert settings.signing_key_file is not None
    owner = await connect(dsn, "test owner")
    people = People(owner, load_signing_key(settings.signing_key_file))
    tokens = {
        role.value: await people.token(await people.account(f"{role}-{new_id().hex[-6:]}", role))
        for role in (Role.EDITOR, Role.MODERATOR)
    }
    await owner.execute(UNTOLD)
    await owner.close()
    return tokens


async def untold(dsn: str) -> None:
    """Empty the outbox of accounts: the first event of a test's log is one of the test's own."""
    owner = await connect(dsn, "test owner")
    await owner.execute(UNTOLD)
    await owner.close()


@asynccontextmanager
async def as_processes(dsn: str, folder: Path, **more: Any) -> AsyncIterator[tuple[Processes, Site]]:
    """Run `serve` and `project` as an operator would."""
    settings = settings_for(dsn, folder, **more)
    tokens = await tokens_for(settings, dsn)
    with processes(settings, folder) as running:
        running.start("project")
        running.start("serve")
        await running.ready()
        async with httpx2.AsyncClient(base_url=running.url, timeout=30) as client:
            editor, moderator = (Editor(client, tokens[role]) for role in ("editor", "moderator"))
            yield running, Site(client, editor, moderator, dsn)
    await forget(settings)


def problem(answer: httpx2.Response) -> Mapping[str, Any]:
    """Return the problem document of a refusal, after checking its form."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.content)
    assert document["status"] == answer.status_code
    assert document["request_id"] == answer.headers["x-request-id"]
    return document
