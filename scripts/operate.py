"""The verbs of an operator and an auditor: status, rebuild, verify, export and import, bench."""

import asyncio
import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from kit.errors import Refused
from scripts.cli.options import JsonOption, LinesOption, StateOption, settings_for
from scripts.importing.verb import import_content


def status(
    state: StateOption = None,
    json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again each second, until Ctrl-C.")] = False,
) -> None:
    """Say how far each reader of the log is."""
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.status import status as say
    from scripts.models.status import watch as keep_showing

    if json and watch:
        raise typer.BadParameter("--watch is a table; --json is said once")
    with database(settings_for(state), PROJECTOR) as dsn:
        if watch:
            asyncio.run(keep_showing(dsn))
        raise typer.Exit(asyncio.run(say(dsn, as_json=json)))


def rebuild(
    name: Annotated[
        str | None, typer.Argument(help="A read model; none: all that this build lacks, or with --fresh all.")
    ] = None,
    state: StateOption = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Fill it from the beginning, compare, and put it in place of the current one."
        ),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; left out: half as many as there are cores.")
    ] = None,
    json: LinesOption = False,
) -> None:
    """Fill a read model beside the one in use.

    It can be killed and started again at any time: the next one goes on from there.
    """
    from kit.postgres.connect import PROJECTOR
    from projections.rebuild.worker import polite
    from scripts.cli.database import database
    from scripts.cli.stoppable import run_stoppable
    from scripts.models.rebuild import rebuild as fill

    with database(settings_for(state), PROJECTOR) as dsn:
        polite()
        workers = jobs or max(1, (os.cpu_count() or 2) // 2)
        filling = fill(dsn, name, fresh=fresh, jobs=workers, as_json=json)
        raise typer.Exit(run_stoppable(filling, "the rebuild was stopped; the next one goes on from there"))


def abort(
    name: Annotated[str, typer.Argument(help="A read model.")],
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Drop what a rebuild has filled so far."""
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.discard import abort as drop

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(drop(dsn, name, as_json=json)))


def confirm(state: StateOption = None, json: LinesOption = False) -> None:
    """Drop the read models that other builds left behind."""
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.discard import confirm as drop

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(drop(dsn, as_json=json)))


def resync(
    state: StateOption = None,
    forget: Annotated[bool, typer.Option("--forget", help="Do it; else only say who is affected.")] = False,
    json: LinesOption = False,
) -> None:
    """Let readers start again after EPOCH_REWIND.

    After a rewind of the log, such as a restore, they drop what it no longer holds.
    """
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.resync import resync as again

    settings = settings_for(state)
    with database(settings, PROJECTOR) as dsn, database(settings, owned=True) as owner:
        raise typer.Exit(asyncio.run(again(dsn, owner, forget=forget, as_json=json)))


def resend(
    state: StateOption = None,
    from_: Annotated[
        int | None,
        typer.Option("--from", min=1, metavar="PLACE", help="First event to send; else only say."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Of what readers may know; a place is a number then.")
    ] = False,
    json: LinesOption = False,
) -> None:
    """Say what a stream of RabbitMQ lacks.

    Or, with --from, send every event from a position on again.
    """
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.resend import resend as again

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(again(dsn, from_, public=public, as_json=json)))


def verify(state: StateOption = None, json: JsonOption = False) -> None:
    """Check the log, and all that is made from it.

    The log, seals, cursors and read tables are recomputed, and what is not so is named.
    """
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.models.verify import verify as check

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(check(dsn, as_json=json)))


STREAM = Path("-")
"""What a file is called that is standard output, or standard input."""


def export(
    path: Annotated[Path, typer.Argument(help="The file to write; - is standard output.")] = STREAM,
    state: StateOption = None,
    json: JsonOption = False,
) -> None:
    """Write the log as NDJSON, with its chain of hashes."""
    from kit.postgres.connect import PROJECTOR
    from scripts.cli.database import database
    from scripts.log.export import export as write

    with database(settings_for(state), PROJECTOR) as dsn:
        raise typer.Exit(asyncio.run(write(dsn, None if path == STREAM else path, as_json=json)))


def import_(
    path: Annotated[Path, typer.Argument(help="The file to read; - is standard input.")] = STREAM,
    state: StateOption = None,
    seal: Annotated[
        list[str] | None,
        typer.Option(metavar="POSITION:HASH", help="A seal that the export must agree with."),
    ] = None,
) -> None:
    """Load an export into an empty log, whole or not at all."""
    from scripts.cli.database import database
    from scripts.log.import_log import load, seals_of

    seals = seals_of(seal or ())
    with database(settings_for(state), owned=True) as dsn:
        raise typer.Exit(asyncio.run(load(dsn, None if path == STREAM else path, seals)))


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; none: all but the long ones.")] = None,
    state: StateOption = None,
    events: Annotated[int | None, typer.Option(min=100_000, help="Events of a long one's log.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="Of each part of a long one.")] = None,
    *,
    json: LinesOption = False,
) -> None:
    """Measure against named peers, in one run.

    It has databases of its own. The long ones take minutes: docs/measuring.md tells which they are.
    """
    import uvloop

    from kit.collector import collect_seldom
    from kit.running.turns import take_short_turns
    from scripts.cli.database import database

    try:
        from scripts.bench.catalog import KNOWN, Scale, chosen
        from scripts.bench.rig.report import line
    except ModuleNotFoundError as missing:
        raise Refused(
            [f"bench needs {missing.name}, one of the development requirements: scripts/bootstrap.sh --dev"]
        ) from None

    collect_seldom()  # as the processes do that are measured here
    take_short_turns()
    if unknown := set(names or ()) - set(KNOWN):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}; there are: {', '.join(KNOWN)}")
    with database(settings_for(state), migrated=False) as dsn:
        for run in chosen(names or (), Scale(events, seconds)):
            for figures in uvloop.run(run(dsn)):
                print(line(figures, as_json=json), flush=True)


GROUPS = {
    "account": "scripts.accounts.erasing:account_cli",
    "admin": "scripts.accounts.admin:admin_cli",
    "log": "scripts.log.log:log_cli",
    "media": "scripts.media.media:media_cli",
    "parked": "scripts.models.parked:parked_cli",
    "token": "scripts.accounts.token:token_cli",
}
"""Verbs with verbs of their own; each is imported only when it is called, or shown."""


def groups(called: Sequence[str]) -> Iterator[tuple[str, typer.Typer]]:
    """Yield the verbs with verbs of their own that a first word may mean."""
    for name, place in GROUPS.items():
        if not called or called[0] in {name, "--help"}:
            module, _, group = place.partition(":")
            yield name, getattr(importlib.import_module(module), group)


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command."""
    for verb in (status, rebuild, abort, confirm, resync, resend, verify, export, bench):
        cli.command()(verb)
    cli.command("import")(import_)
    cli.command("import-content")(import_content)
