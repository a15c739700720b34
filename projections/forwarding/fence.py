"""Lets nobody send before all that the one before him sent has its place at the broker."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from kit.broker.amqp.channel import InUse, Rejected
from kit.broker.publisher import Publisher

HELD_SECONDS = 15.0
"""Seconds to wait for the connection of the one before: RabbitMQ ends one that says nothing within three of
its heartbeats (`kit.broker.amqp.address.HEARTBEAT_SECONDS`)."""

HELD_PAUSE = 0.5
"""Longest pause between two tries: one who was killed is gone at the broker within milliseconds."""

_NO_FENCE = frozenset({403, 404, 405, 406, 540})
"""What RabbitMQ answers to those who may not read a queue, have none, or have another one than we declare."""

log = structlog.get_logger()


class FencedConnect:
    """Connects publishers of which each has a queue for itself, while it lives.

    RabbitMQ gives the queue to the next channel only when it has dealt with all that came over the last one.
    Without that queue, or the right to read it, publishers are connected all the same, and that is said once:
    copies of what a dead one had on the way may then come among what is new.

    Args:
        url: amqp:// or amqps:// address.
        expects: a queue that must be there.
        fence: the queue to have.
        patience: seconds, as of a publisher.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        url: str,
        *,
        expects: str,
        fence: str,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect: Callable[..., Awaitable[Publisher]] = partial(
            Publisher.connect, url, name="frankenjet forwarder", expects=expects, patience=patience
        )
        self._fence = fence
        self._clock = clock
        self._held_since: float | None = None
        self.unfenced = ""
        """Why it goes on without; empty: it has the queue."""

    async def __call__(self) -> Publisher:
        """Connect.

        Raises:
            InUse: another channel has the queue, for less than 15 s as far as is known.
            OSError: as `Publisher.connect`.
        """
        try:
            publisher = await self._connect(fence=self._fence)
            why = ""
        except InUse as error:
            now = self._clock()
            self._held_since = self._held_since or now
            if now - self._held_since < HELD_SECONDS:
                raise
            why = f"for {HELD_SECONDS:g} seconds another connection had the queue {self._fence}"
            publisher = await self._without(error)
        except Rejected as error:
            if error.code not in _NO_FENCE:
                raise
            why = f"the queue {self._fence} cannot be had: {error}"
            publisher = await self._without(error)
        self._held_since = None
        self._say(why)
        return publisher

    async def _without(self, error: Rejected) -> Publisher:
        try:
            return await self._connect()
        except Rejected as other:
            raise other from error

    def _say(self, why: str) -> None:
        if why and why != self.unfenced:
            log.warning("forwarder.unfenced", reason=why)
        self.unfenced = why
