"""The `frankenjet` command: its verbs and their options; what a verb does stands in a file of its own."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from scripts.cli.options import JsonOption, StateOption, Version, settings_for
from scripts.cli.stoppable import signals_as_before
from scripts.cli.streams import complain, flush, open_standard_streams
from scripts.operate import add_to, groups

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@cli.callback()
def configured(*, version: Version = False) -> None:  # noqa: ARG001 - said before anything else
    """An event-sourced content store: the backend of an encyclopedia of aviation history.

    Exit codes: 0 done; 1 the answer is no, or it was not done; 2 it could not begin or go on (an argument, a
    setting, a server); 3 something waits for a person; 130, 143 told to stop (then up, serve and project
    end with 0); 141 nobody reads the output.
    """
    from kit.logging import configure

    level = settings_for(None).log_level
    configure("warning" if level == "info" else level, "words")


@cli.command()
def up(state: StateOption = None) -> None:
    """Start all that one machine needs, and serve until Ctrl-C."""
    from scripts.up.up import up as start

    raise typer.Exit(start(settings_for(state)))


@cli.command()
def serve(
    state: StateOption = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes at the port; more than 1 needs an internal port.")
    ] = 1,
    inherited: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Serve commands and queries over HTTP."""
    from scripts.cli.build_names import find_all, names_of_this_build

    names = names_of_this_build()
    from scripts.serve import serve as start

    find_all(names)
    raise typer.Exit(start(settings_for(state), workers, inherited))


@cli.command()
def project(state: StateOption = None) -> None:
    """Keep the read models up to date and forward every event."""
    from scripts.cli.build_names import find_names_of_models, names_of_this_build

    names = names_of_this_build()
    from scripts.project import project as start

    find_names_of_models(names)
    start(settings_for(state))


@cli.command()
def alarm(state: StateOption = None) -> None:
    """Tell people when a reader of the log is stopped, halted or behind."""
    from scripts.alarm import alarm as watch

    watch(settings_for(state))


@cli.command()
def migrate(
    state: StateOption = None,
    broker: Annotated[bool, typer.Option("--broker", help="Declare exchange and stream too.")] = False,
) -> None:
    """Bring the database to what this build needs.

    With --broker, the exchange and the stream of RabbitMQ as well.
    """
    from scripts.cli.database import database
    from scripts.cli.door import newest
    from scripts.migrate import declare_in
    from scripts.migrate import migrate as bring

    settings = settings_for(state)
    with database(settings, owned=True, migrated=False) as dsn:
        bring(dsn, settings.database_url or dsn)
        print(f"the database is at {newest()}")
    if broker:
        asyncio.run(declare_in(settings.rabbitmq_url))
        print("the exchange and the stream are there")


@cli.command()
def seed(
    state: StateOption = None,
    synthetic: Annotated[int, typer.Option(min=0, help="Make this many more entries, by machine.")] = 0,
    revisions: Annotated[int, typer.Option(min=1, help="Revisions of the synthetic ones, on average.")] = 4,
    vocabularies: Annotated[bool, typer.Option("--vocabularies", help="Only terms of vocabularies.")] = False,
) -> None:
    """Load the sample encyclopedia.

    With --synthetic, entries of every kind made by machine as well. What is in a log stays there.
    """
    from scripts.cli.build_names import find_names_of_states, names_of_this_build

    names = names_of_this_build()
    from kit.postgres.connect import WRITER
    from scripts.cli.database import database
    from scripts.seed import seed as load
    from scripts.storage import storage_in

    settings = settings_for(state)
    find_names_of_states(names)
    here = settings.s3_bucket or settings.state.is_dir()  # else nobody would find pictures
    with database(settings, owned=True) as owner, database(settings, WRITER) as dsn:
        asyncio.run(
            load(
                dsn,
                owner_dsn=owner,
                synthetic=synthetic,
                revisions=revisions,
                vocabularies_alone=vocabularies,
                storage=storage_in(settings, settings.s3_bucket) if here else None,
            )
        )


@cli.command()
def bot(
    url: Annotated[str, typer.Option(help="RabbitMQ; default: RABBITMQ_URL.")] = "",
    queue: Annotated[str, typer.Option(help="A durable queue of this name misses nothing while away.")] = "",
    after: Annotated[
        int | None, typer.Option(min=0, help="Replay what came after this position first.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="File that keeps its place: the next start misses nothing.")
    ] = None,
    names: Annotated[str, typer.Option(help="Base URL of the API that tells names and titles.")] = "",
    token: Annotated[str, typer.Option(help="Token of a moderator, for --names.")] = "",
    json: JsonOption = False,
) -> None:
    """Print what happens, in words, as RabbitMQ delivers it."""
    from kit.forms import addresses
    from scripts.bot.bot import bot as listen
    from scripts.cli.door import read_as

    asyncio.run(
        listen(
            url=read_as("--url", addresses.amqp, url) or settings_for(None).rabbitmq_url,
            queue=queue or None,
            after=after,
            state=keep,
            names_from=read_as("--names", addresses.http, names) or None,
            token=token or None,
            json_output=json,
        )
    )


@cli.command()
def telegram(
    state: StateOption = None,
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; left out: with what comes next.")
    ] = None,
) -> None:
    """Tell in Telegram what happens, with buttons that become commands."""
    from scripts.telegram.settings import read_telegram
    from scripts.telegram.telegram import telegram as start

    settings = settings_for(state)
    told = read_telegram(settings.telegram_file)
    asyncio.run(start(told, url=settings.rabbitmq_url, folder=settings.state, after=after))


add_to(cli)


def every_verb(called: Sequence[str] = ()) -> typer.Typer:
    """Return the whole command; verbs with verbs of their own are there when they may be meant."""
    for name, group in groups(called):
        if name not in {known.name for known in cli.registered_groups}:
            cli.add_typer(group, name=name)
    return cli


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and end the process: what goes wrong is a line on standard error and an exit code."""
    open_standard_streams()
    code = _run(sys.argv[1:] if words is None else words)
    code = _ended(flush) or code
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run one verb in a process that goes on; return its exit code, as `scripts.cli.refusals` tells them."""
    with signals_as_before(always=True):
        return _run(words)


def _run(words: Sequence[str]) -> int:
    def called() -> None:
        with _command(*words[:1]).make_context("frankenjet", list(words)) as context:
            context.command.invoke(context)

    return _ended(called)


@cache
def _command(*called: str) -> Any:
    """Return what is run for a first word; a process that runs many verbs makes it once."""
    return typer.main.get_command(every_verb(called))


def _ended(work: Callable[[], None]) -> int:
    """Do something; return how it ended, once that was said."""
    try:
        work()
    except typer.Exit as ended:
        return ended.exit_code
    except SystemExit as ended:
        if isinstance(ended.code, str):
            complain(ended.code)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:
        from scripts.cli.refusals import said_of

        said = said_of(error)
        if said is None:
            raise
        for line in said.lines:
            complain(f"{said.before}{line}")
        return said.code
    return 0


if __name__ == "__main__":
    main()
