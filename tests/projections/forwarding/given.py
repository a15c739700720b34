"""A log in memory, a cursor in memory, and a forwarder that runs while a test looks on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import orjson
from aio_pika.abc import AbstractQueue

from events.base import Meta, Recorded
from events.entry import Published
from events.kinds.article import ARTICLE
from events.reading import Broken, Item
from kit.broker.publisher import Publisher
from kit.health.tasks import Throughput
from kit.ids import named_id
from projections.forwarding.forwarder import forward
from projections.forwarding.journey import Cursor, EventSource, Forwarding
from tests.projections.lives import DAWN, EDITOR
from tests.servers.beside import beside

LOG_ID = named_id("log", "test")
EPOCH = "7312345-1"


def event(position: int, *, summary: str = "") -> Recorded[Published]:
    """Return one more publication of one of seven articles."""
    stream = named_id("entry", str(position % 7))
    published = ARTICLE.life.published(
        revision=1, title=f"№ {position}", slug="a", locale="ru", summary=summary
    )
    meta = Meta(actor=EDITOR, command=named_id("command", str(position)))
    at = DAWN + timedelta(milliseconds=position)
    return Recorded(
        position, stream, position // 7 + 1, named_id("event", str(position)), at, meta, published
    )


class Listed:
    """A log that is a list."""

    def __init__(self, items: Sequence[Item] = ()) -> None:
        self.items = list(items)
        self._grown = asyncio.Event()

    def add(self, *items: Item) -> None:
        self.items += items
        self._grown.set()

    async def read(self, after: int, limit: int) -> Sequence[Item]:
        await asyncio.sleep(0)
        return self.items[after : after + limit]

    async def wait(self, after: int, seconds: float) -> None:
        if len(self.items) <= after:
            self._grown.clear()
            await asyncio.wait([asyncio.create_task(self._grown.wait())], timeout=seconds)


class Kept:
    """A cursor that remembers every position it was moved to."""

    def __init__(self, position: int = 0) -> None:
        self.saved = [position]
        self.fenced = False

    @property
    def position(self) -> int:
        return self.saved[-1]

    async def load(self) -> int:
        return self.position

    async def save(self, position: int) -> None:
        if self.fenced:
            raise PermissionError("another copy leads")
        assert position > self.position
        self.saved.append(position)


@asynccontextmanager
async def forwarding(
    source: EventSource,
    cursor: Cursor,
    url: str | None,
    *,
    patience: float = 2.0,
    expects: str = "",
    tally: Throughput | None = None,
) -> AsyncIterator[Forwarding]:
    """Run a forwarder while the body runs; stop it as a clean stop does.

    Args:
        source: the log.
        cursor: where it begins.
        url: of the broker; None: there is none.
        patience: seconds, as of a publisher.
        expects: a queue without which nothing is sent, as a publisher takes it.
        tally: told of what was confirmed.
    """
    now = Forwarding()

    async def connect() -> Publisher:
        assert url is not None
        return await Publisher.connect(url, expects=expects, patience=patience)

    forwarder = forward(
        source, cursor, connect if url else None, log_id=LOG_ID, epoch=EPOCH, now=now, tally=tally
    )
    async with beside(forwarder):
        yield now


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is true; fail when it does not become so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is looked at belongs to others
            await asyncio.sleep(0.01)


async def drained(queue: AbstractQueue) -> list[tuple[int, UUID]]:
    """Take everything out of a queue: (position, event id) in the order of arrival."""
    found = []
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        body = orjson.loads(message.body)
        assert message.message_id == body["id"]
        assert message.headers["x-position"] == body["position"]
        found.append((body["position"], UUID(body["id"])))
    return found


def unreadable(position: int) -> Broken:
    """Return an event as the log gives it to a build that cannot read it."""
    return Broken(position, named_id("entry", "x"), named_id("event", str(position)), "unknown type")
