"""The two ways to the broker, every event and what readers may know, driven alike: sixty events for each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from events.codec import CODEC
from events.entry import entry_stream
from events.kinds.article import ARTICLE
from events.slug import SlugClaimed, slug_stream
from kit.broker.publisher import EXCHANGE, LOG, Message, Publisher
from kit.broker.stream import PLACE, PLACE_AMONG_PUBLIC, EventStream, NoStream, StreamMessage
from kit.broker.topology import PUBLIC, PUBLIC_LOG
from kit.health.tasks import ProcessHealth
from kit.ids import named_id, new_id
from kit.log.spans import Spans
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.feed.numbers import number
from projections.forwarding.leading import forwarding, forwarding_public
from projections.forwarding.missing import EVERYTHING, known, place_of
from projections.forwarding.missing import PUBLIC as PUBLIC_READER
from projections.forwarding.public import PublicFeed
from read_side.entry.kinds import VIEWS
from tests.given.lives import Written, notify, random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.servers.beside import beside

SAME = 3
"""Looks one after the other that see the same: on a machine under load a message may be late for one."""

ALL = 60
"""Events that go each way."""

LIVES = random_lives(91, articles=3, steps=200)[:ALL]


def _shown() -> list[Written]:
    """Return an article that is shown to readers again and again: all but its first two events."""
    subject = named_id("subject", "shown")
    stream = entry_stream("article", subject, "ru")
    content = ARTICLE.content(title="Ту-144", summary="s")
    created = ARTICLE.life.created(subject=subject, locale="ru", slug="tu", content=content)
    published = ARTICLE.life.published(revision=1, title="Ту-144", slug="tu", locale="ru", summary="s")
    claimed = SlugClaimed(kind="article", locale="ru", slug="tu", owner=stream)
    return [
        (stream, 0, created),
        (slug_stream("article", "ru", "tu"), 0, claimed),
        *((stream, version, published) for version in range(1, ALL + 1)),
    ]


SHOWN = _shown()


class Way(NamedTuple):
    """One of the two."""

    reader: str
    exchange: str
    log: str
    place: str


WAYS = (
    Way(EVERYTHING, EXCHANGE, LOG, PLACE),
    Way(PUBLIC_READER, PUBLIC, PUBLIC_LOG, PLACE_AMONG_PUBLIC),
)


class Going:
    """A log in which events happen that go one of the ways, and those who send and look.

    Args:
        way: the way.
        dsn: the database.
        url: of the broker.
    """

    def __init__(self, way: Way, dsn: str, url: str) -> None:
        self.way = way
        self._dsn = dsn
        self._url = url
        self._grown = asyncio.Event()

    async def happens(self, after: int, upto: int) -> None:
        """Let the events of some places happen, in order; they are sent at once."""
        before = len(SHOWN) - ALL
        public = self.way.reader == PUBLIC_READER
        written = SHOWN[after and before + after : before + upto] if public else LIVES[after:upto]
        await store(self._dsn, written)
        if public:
            await self._numbered()
        else:
            await notify(self._dsn, str(upto))

    async def _numbered(self) -> None:
        async with projector(self._dsn) as connection:
            for one in PROJECTIONS:
                follower = await follower_of(connection, one)
                await follow(self._dsn, connection, follower)
            await number(connection, follower.schema)
        self._grown.set()

    @asynccontextmanager
    async def forwarded(self, url: str = "", every: float = 0.5) -> AsyncIterator[ProcessHealth]:
        """Send what goes this way, with looks that follow each other quickly.

        Args:
            url: of the broker, where it is another one.
            every: seconds between two looks.
        """
        vitals = ProcessHealth()
        broker, holder = url or self._url, new_id().hex
        if self.way.reader == PUBLIC_READER:
            models = {one.name: fingerprint(one) for one in PROJECTIONS}
            feed = PublicFeed(models, VIEWS, self._grown)
            sending = forwarding_public(self._dsn, holder, feed, broker, vitals, every=every)
        else:
            sending = forwarding(self._dsn, holder, CODEC, broker, vitals, every=every)
        async with beside(sending):
            yield vitals

    async def holds_another_past(self) -> None:
        """Let the stream hold one more event, which a log of before a failover had."""
        last = (await self.arrived())[-1]
        assert last.position is not None
        assert last.recorded is not None
        async with projector(self._dsn) as connection:
            log = await connection.fetchval("select id from log.identity")
        headers: dict[str, str | int] = {PLACE: last.recorded + 1, self.way.place: last.position + 1}
        message = Message(
            exchange=self.way.exchange,
            routing_key="article.published",
            body=b"{}",
            message_id=str(new_id()),
            content_type="application/json",
            timestamp=0,
            headers=headers | {"x-logid": str(log), "x-epoch": "1:1"},
        )
        async with await Publisher.connect(self._url) as publisher:
            await publisher.publish([message])

    async def missing(self) -> Spans:
        async with projector(self._dsn) as connection:
            return await known(connection, self.way.reader)

    async def sent(self) -> int:
        """Return how many events went this way."""
        async with projector(self._dsn) as connection:
            position = await connection.fetchval(
                "select position from project.cursor where schema = $1", self.way.reader
            )
            return 0 if position is None else await place_of(connection, self.way.reader, position)

    async def arrived(self) -> list[StreamMessage]:
        """Return the events that a consumer of the whole stream finds."""
        async with projector(self._dsn) as connection:
            log = await connection.fetchval("select id from log.identity")
        way = self.way
        async with EventStream(
            self._url, log, stream=way.log, exchange=way.exchange, place=way.place
        ) as stream:
            looks: list[list[StreamMessage]] = []
            async with asyncio.timeout(30):
                while len(looks) < SAME or len({len(one) for one in looks[-SAME:]}) > 1:
                    with suppress(NoStream):  # it may be made again at this moment
                        looks.append(await stream.since(0, lambda _one: False, 10_000))
                    await asyncio.sleep(0.1)
            found = looks[-1]
        return [one for one in found if one.position is not None]

    async def places(self) -> list[int]:
        """Return their places."""
        return [one.position or 0 for one in await self.arrived()]


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait until something is true; fail when it does not become so."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - in the database, or at the broker
            await asyncio.sleep(0.05)


async def is_(found: Awaitable[Any], expected: Any) -> bool:
    return bool(await found == expected)
