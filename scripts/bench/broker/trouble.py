"""broker-trouble: commands at a steady rate while the broker is in trouble, and when the product says so."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from events.codec import CODEC
from kit.broker.topology import declare_all
from kit.postgres.connect import PROJECTOR, Connection, connect
from projections.forwarding.missing import send_again
from projections.health.readers import Reader, look
from scripts.bench.broker.host import own_host
from scripts.bench.broker.troubles import ALARMS, NEEDS_NOBODY, TROUBLES, BrokerTrouble, BrokerUnderTest
from scripts.bench.command import editor, revise
from scripts.bench.read import published
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.load import Load, load
from scripts.bench.rig.relay import Relay
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import product
from write_side.main import bus

EDITORS = 8
RATE = 40.0
"""Commands a second, of all editors together."""

SECONDS = 8.0
"""Of each trouble, and of the commands before it."""

SAID_SECONDS = 30.0
"""That are waited for word of a trouble, where it lasts for less."""

ROUNDS = 3
"""Of each: that in the middle counts."""

WHOLE_SECONDS = 60.0
"""In which every event is with the broker again after a trouble."""

READER = "forwarder"


class TroubleSeen(NamedTuple):
    """What was seen while one trouble lasted."""

    name: str
    before: Load
    during: Load
    said_after: float | None
    """Seconds from the first command on until `frankenjet status` said it; None: it did not."""
    said: str
    whole_after: float
    """Seconds from its end until every event was with the broker, and nothing was waited for."""


async def run(
    server: str,
    url: str,
    troubles: Mapping[str, BrokerTrouble] = TROUBLES,
    seconds: float = SECONDS,
    rounds: int = ROUNDS,
) -> list[dict[str, Any]]:
    """Send commands, undisturbed and then in each trouble.

    Args:
        server: address of a PostgreSQL where databases may be made.
        url: of a broker where `rabbitmqctl` may make virtual hosts.
        troubles: by name.
        seconds: how long each lasts.
        rounds: of each.
    """
    with tempfile.TemporaryDirectory() as at, own_database(server) as dsn, own_host(url) as host:
        folder = Path(at)
        token = await editor(dsn, folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            ids = [await published(running, f"trouble-{n}", "x") for n in range(EDITORS)]
        await declare_all(host.url)
        versions = [3] * EDITORS
        requests = [revise(ids[n], versions, n, token) for n in range(EDITORS)]
        phases: list[TroubleSeen] = []
        connection = await connect(dsn, "bench broker-trouble", PROJECTOR)
        try:
            async with Relay((host.address.host, host.address.port)) as way:
                with product(dsn, folder / "key.pem", folder, rabbitmq_url=host.through(way.port)) as port:
                    broker = BrokerUnderTest(host, way)
                    for one, trouble in [*troubles.items()] * rounds:
                        await _whole(connection)
                        before = await load(port, requests, seconds=seconds, every=EDITORS / RATE)
                        phases.append(
                            await _phase(one, trouble, broker, before, connection, port, requests, seconds)
                        )
                        print(f"broker-trouble: {one} measured", file=sys.stderr)
        finally:
            await connection.close()
    return [_result([one for one in phases if one.name == name]) for name in troubles]


async def alarms(server: str, url: str, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Do the same while the broker is short of memory, and of disk: only where nobody else uses it."""
    return await run(server, url, ALARMS, seconds)


async def _phase(
    name: str, trouble: BrokerTrouble, broker: BrokerUnderTest, before: Load, connection: Connection,
    port: int, requests: Any, seconds: float,
) -> TroubleSeen:  # fmt: skip
    end = await trouble(
        broker
    )  # what brings it about costs time of the processor itself: not while we measure
    sending = asyncio.create_task(load(port, requests, seconds=seconds, every=EDITORS / RATE))
    began = time.perf_counter()
    said_after, said = None, ""

    def waits_for_word() -> bool:
        late = time.perf_counter() - began > SAID_SECONDS
        return said_after is None and name not in NEEDS_NOBODY and not late

    while not sending.done() or waits_for_word():
        if said_after is None and (said := _trouble(await _reader(connection))):
            said_after = time.perf_counter() - began
        await asyncio.sleep(0.05)
    await end()
    ended = time.perf_counter()
    await _mended(connection)
    return TroubleSeen(name, before, sending.result(), said_after, said, time.perf_counter() - ended)


async def _reader(connection: Connection) -> Reader:
    view = await look(connection, {})
    return next(one for one in view.readers if one.name == READER)


def _trouble(reader: Reader) -> str:
    """Return what `frankenjet status` says is wrong."""
    lacks = f"the stream lacks {reader.missing_events} events" if reader.missing_events else ""
    return lacks or reader.waits


async def _whole(connection: Connection) -> None:
    await _until(connection, lambda reader: not reader.waits and not reader.lag_events)


async def _mended(connection: Connection) -> None:
    """Wait until it is whole again; what the stream has lost is sent again, as a person would."""
    await _whole(connection)
    if (reader := await _reader(connection)).missing_events:
        await send_again(connection, reader.missing_from)
        await _until(connection, lambda reader: not reader.missing_events)
    await _whole(connection)


async def _until(connection: Connection, true: Callable[[Reader], bool]) -> None:
    async with asyncio.timeout(WHOLE_SECONDS):
        while not true(await _reader(connection)):  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.05)


def _result(rounds: list[TroubleSeen]) -> dict[str, Any]:
    """Return the round with the ratio in the middle; what was said latest, and was whole latest, of all."""
    ordered = sorted(rounds, key=lambda one: _p99(one.during) / _p99(one.before))
    middle = ordered[len(ordered) // 2]
    said = [one.said_after for one in rounds if one.said_after is not None]
    return result(
        f"broker-{middle.name}", _p99(middle.during), _p99(middle.before), unit="ms (p99 of commands)",
        seconds=middle.during.seconds, inverse=True, peer_name="the same commands undisturbed, just before",
        ratios=[round(_p99(one.during) / _p99(one.before), 2) for one in rounds],
        commands=sum(len(one.during.seconds) for one in rounds),
        refused=sum(sum(one.during.refused.values()) for one in rounds),
        said_after_s=round(max(said), 2) if len(said) == len(rounds) else None, said=middle.said,
        whole_after_s=round(max(one.whole_after for one in rounds), 2),
    )  # fmt: skip


def _p99(load: Load) -> float:
    return quantile(sorted(load.seconds), 0.99) or 0.0
