"""`frankenjet parked`: events that a read model could not take; shown, tried again, or passed over."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.table import Table

from events.codec import CODEC
from kit.errors import Problem, ProblemType
from kit.forms import Wrong
from kit.ids import parse_id
from kit.postgres.connect import PROJECTOR, Connection
from kit.postgres.server_watch import watched_connection
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.engine import park
from projections.engine.needed_generations import followed
from projections.engine.park import Outcome, Waiting
from projections.projection import Projection
from scripts.cli.database import database
from scripts.cli.options import JsonOption, LinesOption, StateOption, settings_for
from scripts.cli.report import Say, reporting
from scripts.cli.tables import show as show_table

parked_cli = typer.Typer(
    no_args_is_help=True,
    help="Look at what was put aside.\n\nEvents that a read model could not take, and those after them.",
)

NOT_PARKED = ProblemType(404, "not-parked", "Nothing of this is parked.")

Entity = Annotated[str, typer.Argument(metavar="ENTITY", help="The id of its stream, as `list` shows it.")]

type Sets = dict[str, tuple[Projection, Generation]]
"""Schema → read model, for every generation that this build follows."""

_SHOWN = """
select p.position, e.type, e.schema, e.recorded_at, p.parked_at, p.error, e.meta, e.payload
  from project.parked p join log.event e using (position)
 where p.schema = $1 and p.stream = $2 order by p.position limit $3"""


@parked_cli.command("list")
def list_(*, state: StateOption = None, json: JsonOption = False) -> None:
    """List what was put aside.

    Entities that this build could not take an event of; ends with 3 when there are any.
    """
    _run(state, lambda connection, sets: _list(connection, sets, as_json=json))


@parked_cli.command()
def show(
    entity: Entity,
    *,
    count: Annotated[int, typer.Option("-n", min=1, help="How many events at the most.")] = 20,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Show the parked events of an entity.

    As they are stored, with the reason why the first of them waits.
    """
    _run(state, lambda connection, sets: _show(connection, sets, _id(entity), count, as_json=json))


@parked_cli.command()
def retry(
    entity: Annotated[str | None, typer.Argument(metavar="[ENTITY]", help="None: every one.")] = None,
    *,
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Apply parked events, in their order.

    As this build reads them; ends with 1 when some stay.
    """
    wanted, say = None if entity is None else _id(entity), reporting(as_json=json)
    _run(state, lambda connection, sets: _retry(connection, sets, wanted, say))


@parked_cli.command()
def skip(
    entity: Entity,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
    by: Annotated[str, typer.Option(help="Who decides it; else the login of this machine.")] = "",
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Pass over an entity's first event, for good.

    Those after it are applied. Who did it and why is kept.
    """
    if not reason.strip():
        raise Wrong("--reason: a reason has words")
    who = by or getpass.getuser()
    wanted, say = _id(entity), reporting(as_json=json)
    _run(state, lambda connection, sets: _skip(connection, sets, wanted, who, reason, say))


def _id(entity: str) -> UUID:
    found = parse_id(entity)
    if found is None:
        raise Wrong("an entity is named by a UUID")
    return found


def _run(state: Any, work: Callable[[Connection, Sets], Awaitable[int]]) -> None:
    async def run(dsn: str) -> int:
        async with watched_connection(
            dsn, "frankenjet parked", statement_timeout="0", lock_timeout="10000"
        ) as connection:
            return await work(connection, await sets_of(connection))

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(run(dsn)))


async def sets_of(connection: Connection) -> Sets:
    """Return what this build keeps up to date."""
    return {one.schema: (projection, one) for projection, one in await followed(connection, PROJECTIONS)}


async def _list(connection: Connection, sets: Sets, *, as_json: bool) -> int:
    found = await park.waiting(connection, list(sets))
    if as_json:
        rows = [{"model": sets[one.schema][0].name} | one._asdict() for one in found]
        sys.stdout.write(orjson.dumps({"parked": rows}, default=str).decode() + "\n")
    elif found:
        table = Table("model", "entity", "position", "events", "since", "why")
        for one in found:
            table.add_row(
                sets[one.schema][0].name,
                str(one.stream),
                f"{one.position:,}",
                f"{one.events:,}",
                f"{one.since:%Y-%m-%d %H:%M:%S}",
                one.error,
            )
        show_table(table)
    else:
        print("nothing is parked")
    return 3 if found else 0


async def _show(connection: Connection, sets: Sets, stream: UUID, count: int, *, as_json: bool) -> int:
    for one in await _of(connection, sets, stream):
        for row in await connection.fetch(_SHOWN, one.schema, stream, count):
            event = {"model": sets[one.schema][0].name} | dict(row)
            event |= {part: _readable(row[part]) for part in ("meta", "payload")}
            option = 0 if as_json else orjson.OPT_INDENT_2
            sys.stdout.write(orjson.dumps(event, option=option).decode() + "\n")
    return 0


def _readable(stored: bytes) -> Any:
    """Return stored JSON; what is none, as the text that it is."""
    try:
        return orjson.loads(stored)
    except ValueError:
        return stored.decode(errors="replace")


async def _retry(connection: Connection, sets: Sets, stream: UUID | None, say: Say) -> int:
    left = 0
    for one in await _of(connection, sets, stream):
        outcome = await park.retry(connection, CODEC, *sets[one.schema], one.stream)
        left += _said(sets[one.schema][0], one.stream, outcome, say)
    return 1 if left else 0


async def _skip(connection: Connection, sets: Sets, stream: UUID, by: str, reason: str, say: Say) -> int:
    left = 0
    for one in await _of(connection, sets, stream):
        name, position = sets[one.schema][0].name, one.position
        outcome = await park.skip(
            connection, CODEC, *sets[one.schema], stream, by=by, reason=reason, position=position
        )
        if outcome is None:
            words = f"{name} {stream}: position {position} is not the first any more; see `parked list`"
            say(words, model=name, entity=stream, position=position, skipped=False)
            left += 1
        else:
            words = f"{name} {stream}: passes over position {position}"
            say(words, model=name, entity=stream, position=position, skipped=True)
            left += _said(sets[one.schema][0], stream, outcome, say)
    return 1 if left else 0


async def _of(connection: Connection, sets: Sets, stream: UUID | None) -> list[Waiting]:
    """Return what is parked of an entity, or of all; Problem when an entity has nothing there."""
    found = [one for one in await park.waiting(connection, list(sets)) if stream in {None, one.stream}]
    if not found and stream is not None:
        raise Problem(NOT_PARKED, f"nothing of {stream} is parked")
    return found


def _said(projection: Projection, stream: UUID, outcome: Outcome, say: Say) -> int:
    stays = f"; {outcome.left} stay: {outcome.error}" if outcome.left else ""
    words = f"{projection.name} {stream}: {outcome.applied} events applied{stays}"
    say(words, model=projection.name, entity=stream, **outcome._asdict())
    return outcome.left
