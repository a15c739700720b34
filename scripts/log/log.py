"""`frankenjet log`: the log as a person reads it, or a program line by line."""

import asyncio
import json as jsonlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.table import Table

from kit.forms import Wrong
from kit.ids import parse_id
from kit.log.chain import canonical
from kit.log.rows import COLUMNS, page, pages
from kit.postgres.connect import PROJECTOR, Connection
from kit.postgres.server_watch import watched_connection
from scripts.bot.words import printable, shortened
from scripts.cli.database import database
from scripts.cli.options import LinesOption, StateOption, settings_for
from scripts.cli.tables import show as show_table

FOLLOW_SECONDS = 0.5
"""Seconds between two looks of `tail --follow`."""

log_cli = typer.Typer(
    no_args_is_help=True, help="Read the log.\n\nIts end, a stream, an event, the types that it holds."
)

_STREAM = f"select {COLUMNS} from log.event where stream = $1 order by version"

_TYPES = """
select type, schema, count(*) as events, min(position) as first, max(position) as last
  from log.event group by type, schema order by type, schema"""


@log_cli.command()
def tail(
    *,
    count: Annotated[int, typer.Option("-n", min=0, help="How many of the newest events.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Show the newest events, and with -f those that follow."""
    _run(state, lambda connection: _tail(connection, count, _shown(as_json=json), follow=follow))


@log_cli.command()
def stream(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    *,
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Show every event of a stream, such as an article, oldest first."""
    wanted = parse_id(id_)
    if wanted is None:
        raise Wrong("a stream is named by a UUID")
    _run(state, lambda connection: _stream(connection, wanted, _shown(as_json=json)))


@log_cli.command()
def show(
    position: Annotated[int, typer.Argument(min=1)], *, state: StateOption = None, json: LinesOption = False
) -> None:
    """Show one event with all that it says."""
    _run(state, lambda connection: _show(connection, position, as_json=json))


@log_cli.command()
def types(*, state: StateOption = None, json: LinesOption = False) -> None:
    """Count the events of each type and schema; reads the whole log."""
    _run(state, lambda connection: _types(connection, as_json=json))


type Show = Callable[[Sequence[Any]], None]


def _run(state: Path | None, work: Callable[[Connection], Awaitable[int]]) -> None:
    async def connected(dsn: str) -> int:
        async with watched_connection(dsn, "frankenjet log", statement_timeout="0") as connection:
            return await work(connection)

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(connected(dsn)))


async def _tail(connection: Connection, count: int, shown: Show, *, follow: bool) -> int:
    head = await connection.fetchval("select log.head()")
    after = max(head - count, 0)
    while True:
        async for rows in pages(connection, after, head):
            shown(rows)
        if not follow:
            return 0
        after = head
        await asyncio.sleep(FOLLOW_SECONDS)
        head = await connection.fetchval("select log.head()")


async def _stream(connection: Connection, wanted: UUID, shown: Show) -> int:
    found = False
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(_STREAM, wanted):
            shown([row])
            found = True
    if not found:
        print("frankenjet: the log has no such stream", file=sys.stderr)
    return 0 if found else 1


async def _show(connection: Connection, position: int, *, as_json: bool) -> int:
    rows = await page(connection, position - 1, position)
    if not rows:
        print("frankenjet: the log has no such position", file=sys.stderr)
        return 1
    line = canonical(*rows[0]).decode()
    if as_json:
        print(line)
        return 0
    for part in jsonlib.dumps(jsonlib.loads(line), indent=2, ensure_ascii=False).splitlines():
        print(printable(part))
    return 0


async def _types(connection: Connection, *, as_json: bool) -> int:
    rows = await connection.fetch(_TYPES)
    if as_json:
        for row in rows:
            print(orjson.dumps(dict(row)).decode())
        return 0
    table = Table()
    for heading in ("type", "schema", "events", "first", "last"):
        table.add_column(heading, justify="left" if heading == "type" else "right")
    for type_, *numbers in rows:
        table.add_row(printable(type_), *(f"{number:,}" for number in numbers))
    show_table(table)
    return 0


def _shown(*, as_json: bool) -> Show:
    def lines(rows: Sequence[Any]) -> None:
        for row in rows:
            print(canonical(*row).decode() if as_json else words(row))
        sys.stdout.flush()

    return lines


def words(row: Any) -> str:
    """Say on one line what a stored event is: where, when, what, on which stream, by whom and why."""
    try:
        meta = orjson.loads(row["meta"])
    except ValueError:
        meta = {}
    at = row["recorded_at"].strftime("%Y-%m-%d %H:%M:%S")
    reason = f"  “{meta['reason']}”" if meta.get("reason") else ""
    return printable(
        f"{row['position']:>9,}  {at}  {row['type']:<22} {row['stream']} v{row['version']:<5}"
        f" by {shortened(str(meta.get('actor', '')))} ({len(row['payload']):,} B){reason}"
    )
