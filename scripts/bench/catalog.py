"""Every measurement by the name that `frankenjet bench` takes, listed by hand."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

from kit.settings import Settings
from scripts.bench import (
    append,
    command,
    cost,
    forward,
    history,
    idle,
    large,
    project,
    read,
    read_redis,
    rebuild_load,
    visible,
)
from scripts.bench.broker import trouble
from scripts.bench.lasting import media, sockets, sse
from scripts.bench.lists import pages as lists

type Results = list[dict[str, Any]]

type Bench = Callable[[str], Coroutine[Any, Any, Results]]
"""From the address of a server, where databases may be made, to what was measured."""


async def _reads(server: str) -> Results:
    return [await read.hot(server), await read.cold(server)]


async def _command(server: str) -> Results:
    return [await command.run(server)]


async def _visible(server: str) -> Results:
    return [await visible.run(server)]


def _broker(bench: str) -> str:
    url = Settings().rabbitmq_url
    if not url:
        raise SystemExit(f"frankenjet: bench {bench} needs RABBITMQ_URL")
    return url


async def _forward(_server: str) -> Results:
    return [await forward.run(_broker("forward"))]


BENCHES: dict[str, Bench] = {
    "append": append.run,
    "command": _command,
    "cost": cost.run,
    "history": history.run,
    "idle": idle.run,
    "read": _reads,
    "project": project.run,
    "visible": _visible,
    "forward": _forward,
    "sse": sse.run,
}
"""What is measured when nothing is named."""


class Scale(NamedTuple):
    """How much of it, where the command line says so."""

    events: int | None = None
    """Of the log."""
    seconds: float | None = None
    """Of each part."""


def _read_redis(scale: Scale) -> Bench:
    return partial(read_redis.run, seconds=scale.seconds or read_redis.FAULT_SECONDS)


def _rebuild_load(scale: Scale) -> Bench:
    return partial(rebuild_load.run, events=scale.events or rebuild_load.EVENTS)


def _lists(scale: Scale) -> Bench:
    aircraft = lists.AIRCRAFT if scale.events is None else max(1, scale.events // lists.EVENTS_OF_ONE)
    return partial(lists.run, aircraft=aircraft, seconds=scale.seconds or lists.SECONDS)


def _broker_trouble(scale: Scale) -> Bench:
    return lambda server: trouble.run(
        server, _broker("broker-trouble"), seconds=scale.seconds or trouble.SECONDS
    )


def _broker_alarm(scale: Scale) -> Bench:
    return lambda server: trouble.alarms(server, _broker("broker-alarm"), scale.seconds or trouble.SECONDS)


NAMED: dict[str, Callable[[Scale], Bench]] = {
    "broker-alarm": _broker_alarm,
    "broker-trouble": _broker_trouble,
    "lists": _lists,
    "media": lambda _scale: media.run,
    "read-redis": _read_redis,
    "rebuild-load": _rebuild_load,
    "sockets": lambda _scale: sockets.run,
}
"""What takes minutes, and is measured only when it is named; so are those of `large`."""

KNOWN = (*BENCHES, *NAMED, *large.LARGE)


def chosen(names: Sequence[str], scale: Scale) -> list[Bench]:
    """Return what to run: of KNOWN; all of BENCHES when nothing is named.

    Those that need a large log are one: it is filled once for all of them.
    """
    runs = [BENCHES[name] for name in names or BENCHES if name in BENCHES]
    runs += [NAMED[name](scale) for name in names if name in NAMED]
    if wanted := [name for name in names if name in large.LARGE]:
        runs.append(partial(large.run, names=wanted, events=scale.events or large.EVENTS))
    return runs
