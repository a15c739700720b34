"""Assembles the projector: every read model of this build, and the forwarder, each led by one copy."""

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import suppress

import structlog

from events.codec import Codec
from kit.broker import Publisher
from kit.broker_topology import Mismatch, declare
from kit.db import PROJECTOR, Connection, connect
from projections.cursor import LeasedCursor
from projections.duty import on_duty
from projections.engine import Engine, nothing
from projections.fingerprint import fingerprint
from projections.follower import Committed, Follower
from projections.forwarder import forward
from projections.generation import Generation, generations, make
from projections.projection import Projection
from projections.source import Source

log = structlog.get_logger()


def holder() -> str:
    """Return a name for this process that no other one has."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def generation_to_follow(connection: Connection, projection: Projection) -> Generation:
    """Return the current generation of a read model as this build makes it; make the first one.

    Two processes that start at once agree through an advisory lock.
    """
    name = fingerprint(projection)
    await connection.execute("select pg_advisory_lock(726571, 2)")
    try:
        known = await generations(connection, projection.name, name)
        current = next((one for one in known if one.state == "current"), None)
        if current is None:
            current = await make(
                connection, projection, name, generation=len(known) + 1, state="current", indexed=True
            )
            log.info("projection.made", model=projection.name, schema=current.schema)
    finally:
        await connection.execute("select pg_advisory_unlock(726571, 2)")
    return current


async def followers(dsn: str, projections: Sequence[Projection]) -> list[Follower]:
    """Return a follower for the current generation of each read model."""
    connection = await connect(dsn, "frankenjet projector", PROJECTOR, lock_timeout="30000")
    try:
        return [Follower(one, await generation_to_follow(connection, one), holder()) for one in projections]
    finally:
        await connection.close()


async def forwarding(dsn: str, codec: Codec, rabbitmq_url: str) -> None:
    """Forward every event to RabbitMQ while this copy leads, for ever."""

    async def opened() -> Publisher:
        with suppress(ConnectionError, Mismatch):  # who may only write finds them declared
            await declare(rabbitmq_url)
        return await Publisher.connect(rabbitmq_url)

    async def work(cursor: LeasedCursor) -> None:
        connection = await connect(dsn, "frankenjet forwarder start", PROJECTOR)
        try:
            log_id, epoch = await connection.fetchrow("select id, log.epoch() from log.identity")
        finally:
            await connection.close()
        async with Source(dsn, codec, "frankenjet forwarder source") as source:
            await forward(source, cursor, opened if rabbitmq_url else None, log_id=log_id, epoch=epoch)

    await on_duty(dsn, "forwarder", holder(), work)


async def project(
    dsn: str,
    codec: Codec,
    projections: Sequence[Projection],
    *,
    rabbitmq_url: str = "",
    committed: Committed = nothing,
) -> None:
    """Keep every read model of this build up to date and forward every event, for ever."""
    engine = Engine(dsn, codec, await followers(dsn, projections), committed)
    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run(), name="engine")
        group.create_task(forwarding(dsn, codec, rabbitmq_url), name="forwarder")
