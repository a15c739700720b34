"""`frankenjet status`: how far each reader of the log is, measured against the log itself."""

import asyncio
import sys
from typing import Any

import orjson
from rich.console import Console
from rich.live import Live
from rich.table import Table

from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.forwarding.stream_watch import mend
from projections.health.observer import Observer
from projections.health.readers import Reader, View, connect_to_look, look
from scripts.cli.tables import show

LOOK_SECONDS = 1.0
"""Seconds between two looks of the live table."""

BAD = frozenset({"stopped", "halted"})


def facts(one: Reader) -> dict[str, Any]:
    """Return what is said about a reader; ages are in seconds, `parked` counts events."""
    return {
        "name": one.name,
        "model": one.model,
        "set": one.set,
        "position": one.position,
        "lag_events": one.lag_events,
        "lag_seconds": one.lag_seconds,
        "oldest_unprojected_seconds": one.oldest_seconds,
        "state": one.state,
        "waits_for": one.waits if one.state == "waiting" else None,
        "holder": one.holder,
        "parked": one.parked_events,
        "parked_entities": one.parked_entities,
        "missing": one.missing_events,
    }


def fingerprints() -> dict[str, str]:
    """Return read model → fingerprint of this build."""
    return {one.name: fingerprint(one) for one in PROJECTIONS}


async def status(dsn: str, *, as_json: bool) -> int:
    """Print the status; return 0 when every reader is led and nothing is parked or missing, else 3.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be read; nothing is known.
    """
    async with asyncio.timeout(10):
        connection = await connect_to_look(dsn, "frankenjet status")
        try:
            view = await look(connection, fingerprints())
        finally:
            connection.terminate()
    if as_json:
        found = {
            "head": view.head,
            "log_ahead_seconds": view.ahead,
            "readers": [facts(one) for one in view.readers],
        }
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    else:
        show(_table(view))
        for one in view.readers:
            if one.missing_events:
                print(f"the stream lacks {one.missing_events:,} events; {mend(one.name, one.missing_from)}")
    bad = any(one.state in BAD or one.parked_events or one.missing_events for one in view.readers)
    return 3 if bad else 0


async def watch(dsn: str, console: Console | None = None) -> None:
    """Keep the table up to date until Ctrl-C; while the database cannot be read, say just that.

    Args:
        dsn: address of the database.
        console: where it is drawn; None: the terminal.
    """
    lookout = Observer(dsn, fingerprints())
    with Live(console=console, auto_refresh=False) as live:
        while True:
            view = await lookout.look()
            away = f"the database has not been read for {lookout.age:.0f} s"
            live.update(away if view is None else _table(view), refresh=True)
            await asyncio.sleep(LOOK_SECONDS)


def _table(view: View) -> Table:
    title = f"log head {view.head:,}"
    if view.ahead:
        title += f"; {view.ahead:,.0f} s ahead of the clock: until then seconds say nothing here, events do"
    table = Table(title=title)
    for heading in ("reader", "state", "position", "behind", "seconds", "parked", "oldest"):
        left = heading in {"reader", "state"}
        table.add_column(heading, justify="left" if left else "right", overflow="fold", no_wrap=not left)
    for one in view.readers:
        table.add_row(
            one.name,
            f"{one.state}: {one.waits}" if one.state == "waiting" else one.state,
            f"{one.position:,}",
            f"{one.lag_events:,}",
            f"{one.lag_seconds:.1f}",
            str(one.parked_events),
            f"{one.oldest_seconds:.1f}",
        )
    return table
