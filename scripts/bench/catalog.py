"""Every measurement by the name that `frankenjet bench` takes, listed by hand."""

from collections.abc import Callable, Coroutine
from typing import Any

from kit.settings import Settings
from scripts.bench import append, command, forward, history, project, read, visible

type Results = list[dict[str, Any]]

type Bench = Callable[[str], Coroutine[Any, Any, Results]]
"""From the address of a server, where databases may be made, to what was measured."""


async def _reads(server: str) -> Results:
    return [await read.hot(server), await read.cold(server)]


async def _command(server: str) -> Results:
    return [await command.run(server)]


async def _visible(server: str) -> Results:
    return [await visible.run(server)]


async def _forward(_server: str) -> Results:
    url = Settings().rabbitmq_url
    if not url:
        raise SystemExit("frankenjet: bench forward needs RABBITMQ_URL")
    return [await forward.run(url)]


BENCHES: dict[str, Bench] = {
    "append": append.run,
    "command": _command,
    "history": history.run,
    "read": _reads,
    "project": project.run,
    "visible": _visible,
    "forward": _forward,
}
