"""Seals of the log, and the ways on which they leave the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal, NoReturn
from uuid import UUID

import msgspec
import structlog

from kit.broker.publisher import EXCHANGE, Message, NotConfirmed, Publisher
from kit.clock import now
from kit.ids import named_id
from kit.log.chain import Seal
from kit.logging import unfiltered
from kit.retry import before_retry

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before the broker is tried again."""

log = structlog.get_logger()
evidence = unfiltered()


def to_output(log_id: UUID, seal: Seal) -> None:
    """Write a seal to the log output of the process, from where it is carried to other machines."""
    evidence.info("log.sealed", log=str(log_id), position=seal.position, chain=seal.chain.hex())


SEALED = "log.sealed"
"""Type and routing key of a seal."""


def _said(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """What a seal says to others."""

    position: Annotated[int, msgspec.Meta(description="The last event that the seal covers.", ge=1)]
    chain: Annotated[str, msgspec.Meta(description="Hash chain up to it.", pattern="^[0-9a-f]{64}$")]


class SealEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A seal as a CloudEvent. It is no event of the log, so it has no position of its own there."""

    specversion: Literal["1.0"]
    id: Annotated[UUID, _said("The same in every copy of a seal.")]
    source: Annotated[str, _said("/frankenjet/logs/<log id>")]
    type: Literal["log.sealed"]
    subject: Annotated[str, _said("log/<log id>")]
    time: Annotated[datetime, _said("When it was sent.")]
    datacontenttype: Literal["application/json"]
    logid: Annotated[UUID, _said("The log that was sealed.")]
    data: Sealed


def message(log_id: UUID, seal: Seal, at: datetime) -> Message:
    """Return the message that carries a seal."""
    event = SealEvent(
        specversion="1.0",
        type="log.sealed",
        datacontenttype="application/json",
        id=named_id("seal", str(log_id), str(seal)),
        source=f"/frankenjet/logs/{log_id}",
        subject=f"log/{log_id}",
        time=at,
        logid=log_id,
        data=Sealed(position=seal.position, chain=seal.chain.hex()),
    )
    return Message(
        exchange=EXCHANGE,
        routing_key=event.type,
        body=msgspec.json.encode(event),
        message_id=str(event.id),
        content_type="application/cloudevents+json",
        timestamp=int(at.timestamp()),
        headers={"x-position": seal.position, "x-logid": str(log_id)},
    )


class ToBroker:
    """Publishes the newest seal. It covers all before it, so what the broker missed is made good by the next.

    Args:
        connect: makes a publisher.
    """

    def __init__(self, connect: Callable[[], Awaitable[Publisher]]) -> None:
        self._connect = connect
        self._newest: tuple[UUID, Seal] | None = None
        self._news = asyncio.Event()

    def __call__(self, log_id: UUID, seal: Seal) -> None:
        """Note a seal to publish; blocks nobody."""
        self._newest = (log_id, seal)
        self._news.set()

    async def run(self) -> NoReturn:
        """Publish without end; trouble with the broker is said once and waited out."""
        pause, said = FIRST_PAUSE, ""
        while True:
            await self._news.wait()
            try:
                async with await self._connect() as publisher:
                    while True:
                        await self._publish(publisher)
                        pause, said = FIRST_PAUSE, ""
            except (OSError, NotConfirmed) as error:
                if str(error) != said:
                    log.warning("seals.wait", reason=str(error))
                    said = str(error)
                await before_retry(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _publish(self, publisher: Publisher) -> None:
        await self._news.wait()
        self._news.clear()
        if self._newest is None:
            return
        try:
            await publisher.publish([message(*self._newest, now())])
        except NotConfirmed:
            self._news.set()
            raise
