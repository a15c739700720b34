"""FrankenJet running for a test: in this process, or as the real processes that an operator starts."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from kit.settings import Settings
from projections.catalog import KINDS
from projections.copies import Copies
from projections.main import project
from projections.rebuild import Made
from scripts.app import Build, create
from scripts.token import token_for
from tests.lifespan import lifespan
from tests.servers import redis_url

ROOT = Path(__file__).resolve().parents[1]

REDIS = redis_url()


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
        answer = await self.send(method, path, body, **how)
        assert answer.status_code in {200, 201}, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


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
    own = {"redis_url": REDIS, "rabbitmq_url": "", "redis_prefix": f"fjtest-{new_id().hex[-12:]}"}
    return Settings(database_url=dsn, signing_key_file=key, **(own | more))


async def projecting(settings: Settings, build: Build) -> None:
    """Project, as `frankenjet project` does."""
    dsn = settings.database_url
    async with Copies(dsn, settings.redis_url, settings.redis_prefix, KINDS) as copies:
        await project(
            dsn, build.codec, build.projections, Made("projections.made"),
            rabbitmq_url=settings.rabbitmq_url, committed=copies.committed,
        )  # fmt: skip


@asynccontextmanager
async def in_process(
    dsn: str,
    folder: Path,
    build: Build = Build(),  # noqa: B008 - immutable
    *,
    projector: bool = True,
    **more: Any,
) -> AsyncIterator[Site]:
    """Run the API and the projector of a build in this process.

    Args:
        dsn: the database.
        folder: for the signing key.
        build: what is stored, projected and served.
        projector: whether a projector runs here too.
        more: further settings, such as rabbitmq_url.
    """
    settings = settings_for(dsn, folder, **more)
    tokens = await tokens_for(settings, dsn)
    app = create(settings, build)
    tasks = [asyncio.create_task(projecting(settings, build))] if projector else []
    try:
        async with (
            lifespan(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client,
        ):
            yield Site(client, Editor(client, tokens["editor"]), Editor(client, tokens["moderator"]), dsn)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await forget(settings)


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
    """Make an editor and a moderator; return role → token."""
    return {
        role: await token_for(
            settings, dsn, f"{role}-{new_id().hex[-6:]}", role, "15m", grant=False, bot=False
        )
        for role in ("editor", "moderator")
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Processes:
    """The real processes, each killed and started at will."""

    def __init__(self, settings: Settings, folder: Path, root: Path = ROOT, **environment: str) -> None:
        self.port = free_port()
        self._root = root
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for the children
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "RABBITMQ_URL": settings.rabbitmq_url,
            "PORT": str(self.port),
            "FRANKENJET_REDIS_PREFIX": settings.redis_prefix,
            "FRANKENJET_SIGNING_KEY_FILE": str(settings.signing_key_file),
            **environment,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *verb: str) -> subprocess.Popen[bytes]:
        """Start a verb of the command in a session of its own; its output goes to a file of its name."""
        with (self._folder / f"{verb[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "scripts.main", *verb],
                env=self._environment, stdout=log, stderr=log, start_new_session=True,
                cwd=self._root,
            )  # fmt: skip
        self._running[verb[0]] = process
        return process

    def kill(self, verb: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to the whole session of a verb, and wait for its end."""
        process = self._running.pop(verb)
        os.killpg(process.pid, number)
        process.wait(10)

    def wait(self, verb: str, seconds: float = 30) -> int:
        """Return the exit code of a verb that ends by itself."""
        return self._running.pop(verb).wait(seconds)

    def stop(self) -> None:
        for verb in list(self._running):
            if self._running[verb].poll() is None:
                self.kill(verb)

    async def ready(self, seconds: float = 20) -> None:
        """Wait until the API says that it is ready."""
        end = time.monotonic() + seconds
        async with httpx2.AsyncClient(base_url=self.url) as client:
            while time.monotonic() < end:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        logs = {file.name: file.read_text()[-2000:] for file in self._folder.glob("*.log")}
        raise AssertionError(f"not ready: {logs}")


@contextmanager
def processes(settings: Settings, folder: Path, root: Path = ROOT, **environment: str) -> Iterator[Processes]:
    """Yield processes that are all ended afterwards.

    Args:
        settings: what they are told.
        folder: for their output.
        root: the build that they run.
        environment: what else they are told.
    """
    running = Processes(settings, folder, root, **environment)
    try:
        yield running
    finally:
        running.stop()


@asynccontextmanager
async def as_processes(dsn: str, folder: Path, **more: Any) -> AsyncIterator[tuple[Processes, Site]]:
    """Run `serve` and `project` as an operator would."""
    settings = settings_for(dsn, folder, **more)
    tokens = await tokens_for(settings, dsn)
    with processes(settings, folder) as running:
        running.start("project")
        running.start("serve")
        await running.ready()
        async with httpx2.AsyncClient(base_url=running.url, timeout=10) as client:
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
