"""A read side over a real log and the real engine, called over ASGI with the edge around it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from fastapi import FastAPI

from events.base import Recorded
from events.codec import CODEC, Codec
from events.reading import reader_of
from kit.auth.roles import Identity, Role, effective
from kit.http import problems
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.edge.whole import Whole
from kit.ids import named_id
from kit.log.source import LogSource
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.engine.follower import Follower
from projections.engine.loop import tell_nobody
from projections.projection import Projection
from read_side.answers.cached import Cached
from read_side.main import ReadSide
from tests.given.lives import store_streams
from tests.projections.driving import follower_of, projector
from tests.projections.given import PROJECTION
from tests.projections.lives import EDITOR, Log
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender

READER = {"authorization": "Bearer reader"}
EDITORS = {"authorization": "Bearer editor"}

MANY = 500
"""Events that are stored stream by stream, side by side: in less time, but not in their order."""


class Badges:
    """Says who sends a request by the word after Bearer: the name of a role."""

    async def of(
        self, headers: Iterable[tuple[bytes, bytes]], _method: str = "GET", _path: str = ""
    ) -> Identity | None:
        value = dict(headers).get(b"authorization")
        if value is None:
            return None
        role = Role(value.decode().removeprefix("Bearer "))
        return Identity(EDITOR, effective([role]), "api", named_id("session"))


class Site:
    """A log, a follower that is moved by hand, and an application that reads."""

    def __init__(
        self,
        dsn: str,
        read: ReadSide,
        connection: Connection,
        follower: Follower,
        client: httpx2.AsyncClient,
        codec: Codec,
        layer: Cached,
        *,
        appender: Appender,
        source: LogSource[Any],
    ) -> None:
        self.dsn = dsn
        self.read = read
        self.layer = layer
        self.log = Log()
        self.client = client
        self.follower = follower
        self.connection = connection
        self._codec = codec
        self._appender = appender
        self._source = source
        self._stored = 0

    async def store(self) -> int:
        """Put what is new into the log of the database; return its head."""
        new = self.log.events[self._stored :]
        if len(new) > MANY:
            written = [(one.stream, one.version - 1, one.event) for one in new]
            await store_streams(self._appender, written, self._codec)
            new = []
        for recorded in new:
            await self._appender.append(as_append(recorded, self._codec))
        self._stored = len(self.log.events)
        return self._stored

    async def project(self) -> int:
        """Store what is new and bring the read tables up to it; return the position."""
        await self.store()
        while page := await self._source.read(self.follower.position, 1_000):
            await self.follower.apply_all(self.connection, page, tell_nobody)
        return self.follower.position

    async def shown(self) -> int:
        """Project, and return when this process's polls have seen it."""
        position = await self.project()
        await self.polled()
        return position

    async def polled(self) -> None:
        """Return after a poll that began after this call."""
        served = self.read.sources.served
        began = served.clock()
        while served.as_of < began:
            served.wanted.set()
            await served.polled.wait()

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx2.Response:
        return await self.client.get(path, headers=headers, params=query or None)

    def kept(self, path: str) -> Whole | None:
        """Return what would be answered from memory, without a question to the database."""
        place, _, query = path.partition("?")
        scope = {"method": "GET", "path": place, "raw_path": place.encode(), "query_string": query.encode()}
        return self.layer.at_once(scope, {})


def as_append(recorded: Recorded[Any], codec: Codec) -> Append:
    """Return what the log is sent for an event."""
    event = NewEvent(recorded.id, codec.encode(recorded.event), codec.encode_meta(recorded.meta))
    return Append((Claim(recorded.stream, recorded.version - 1, (event,)),))


@asynccontextmanager
async def served(
    dsn: str, fingerprints: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[tuple[ReadSide, httpx2.AsyncClient]]:
    """Serve the read side of one process."""
    async with _serving(dsn, fingerprints, **options) as (read, client, _layer):
        yield read, client


@asynccontextmanager
async def _serving(
    dsn: str, fingerprints: dict[str, str] | None, **options: Any
) -> AsyncIterator[tuple[ReadSide, httpx2.AsyncClient, Cached]]:
    read = ReadSide(dsn, fingerprints or {"entries": fingerprint(PROJECTION)}, **options)
    app = FastAPI()
    problems.install(app)
    app.state.identities = Badges()
    app.router.routes.extend(read.routes)
    inside = read.wrap(app)
    edge = Edge(inside, at_once=inside.at_once, metrics=Metrics())
    async with (
        read,
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=edge), base_url="http://test") as client,
    ):
        yield read, client, inside


@asynccontextmanager
async def site(
    dsn: str, projection: Projection = PROJECTION, codec: Codec = CODEC, **options: Any
) -> AsyncIterator[Site]:
    """Make the read tables and serve them."""
    async with projector(dsn) as connection:
        follower = await follower_of(connection, projection)
        assert await follower.lead(connection)
        fingerprints = {projection.name: fingerprint(projection)}
        async with (
            _serving(dsn, fingerprints, **options) as (read, client, layer),
            Appender(dsn, tells=True) as appender,
            LogSource(dsn, reader_of(codec), "test source") as source,
        ):
            one = Site(
                dsn, read, connection, follower, client, codec, layer, appender=appender, source=source
            )
            await one.polled()
            yield one
