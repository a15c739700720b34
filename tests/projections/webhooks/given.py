"""A projector that sends to webhooks, what happens in its log, and accounts whose webhooks they are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from events.codec import CODEC, Codec
from events.kinds.article import ARTICLE
from kit.auth.roles import Identity, Role, effective
from kit.health.tasks import ProcessHealth
from kit.ids import new_id
from kit.log.line import Line
from kit.outgoing.client import PublicClient
from kit.outgoing.connecting import Resolve, looked_up
from kit.postgres.connect import Connection, connect
from kit.running.ending import end
from projections.catalog import PROJECTIONS
from projections.main import project
from projections.projection import Projection
from projections.rebuild.worker import BuildModule
from projections.this_build import THIS_BUILD
from projections.webhooks.deliverer import WebhookSettings
from projections.webhooks.patience import Patience
from read_side.entry.kind import KindView
from read_side.entry.kinds import VIEWS
from tests.given.entries import Entry
from tests.projections.lives import Log
from tests.read_side.site import as_append
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.rights import grant
from write_side.log.appender import Appender
from write_side.webhooks import endpoints
from write_side.webhooks.bodies import WantedReplay, WantedWebhook
from write_side.webhooks.endpoints import WebhookSecret, register
from write_side.webhooks.looking import want_again


class Build(NamedTuple):
    """Whose events are sent."""

    codec: Codec = CODEC
    projections: Sequence[Projection] = PROJECTIONS
    made: BuildModule = THIS_BUILD
    views: Mapping[str, KindView] = VIEWS


OURS = Build()

QUICK = Patience(first=0.05, longest=0.2)


class Sending:
    """What a test does, and looks at.

    Args:
        dsn: the database.
        owner: connection of its owner.
        codec: writes events.
    """

    def __init__(self, dsn: str, owner: Connection, codec: Codec = CODEC) -> None:
        self._codec = codec
        self.dsn = dsn
        self.owner = owner
        self.log = Log()
        self._stored = 0

    async def account(self, role: Role = Role.READER) -> Identity:
        account = await create(self.owner, f"a {role} {new_id().hex[-6:]}", actor=None)
        await grant(self.owner, account, role, actor=None)
        return Identity(account, effective([role]), "page", new_id())

    async def webhook(self, who: Identity, url: str, **wanted: Any) -> WebhookSecret:
        async with self.owner.transaction():
            return await register(self.owner, who, WantedWebhook(url=url, **({"after": 0} | wanted)))

    async def replay(self, who: Identity, id_: UUID, **wanted: Any) -> None:
        async with self.owner.transaction():
            await want_again(self.owner, who, id_, WantedReplay(**wanted))

    async def pause(self, who: Identity, id_: UUID) -> None:
        async with self.owner.transaction():
            await endpoints.pause(self.owner, who, id_)

    async def resume(self, who: Identity, id_: UUID) -> None:
        async with self.owner.transaction():
            await endpoints.resume(self.owner, who, id_)

    async def rotate(self, who: Identity, id_: UUID, hours: int) -> WebhookSecret:
        async with self.owner.transaction():
            return await endpoints.rotate(self.owner, who, id_, timedelta(hours=hours))

    async def published(self, count: int) -> list[str]:
        """Let articles be written and published; return the ids of the publications."""
        first = len(self.log.events)
        for number in range(count):
            Entry(self.log, ARTICLE, f"a-{first}-{number}", locale="en").publish()
        await self.store()
        return [str(one.id) for one in self.log.events[first:] if one.type == "article.published"]

    async def store(self) -> None:
        async with Appender(self.dsn, tells=True) as appender:
            for recorded in self.log.events[self._stored :]:
                await appender.append(as_append(recorded, self._codec))
        self._stored = len(self.log.events)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.owner.fetch(sql, *values)]

    async def state(self, id_: UUID) -> tuple[Any, ...]:
        return (await self.rows("select state, why from hook.endpoint where id = $1", id_))[0]


async def until(holds: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until something holds, at once or after it was waited for.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def sending(
    dsn: str,
    patience: Patience = QUICK,
    resolve: Resolve = looked_up,
    *,
    seconds: float = 5.0,
    empty: float = 0.1,
    build: Build = OURS,
    vitals: ProcessHealth | None = None,
) -> AsyncIterator[Sending]:
    """Run a projector that sends to this machine."""
    client = PublicClient(loopback=True, resolve=resolve, seconds=seconds)
    settings = WebhookSettings(patience=patience, client=client, empty=empty)
    owner = await connect(dsn, "test owner")
    async with Line(dsn, "notary") as line:
        work = project(
            dsn, build.codec, build.projections, build.made, line,
            webhooks=settings, views=build.views, vitals=vitals,
        )  # fmt: skip
        running = [asyncio.create_task(work)]
        try:
            yield Sending(dsn, owner, build.codec)
        finally:
            await end(*running)
            await owner.close()
