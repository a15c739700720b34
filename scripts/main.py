"""The `frankenjet` command: one verb a file, gathered here."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from kit.embedded.state import EmbeddedError
from kit.errors import Refused
from kit.settings import Settings
from scripts.operate import add_to
from scripts.options import JsonOption, StateOption, settings_for

DISK_FULL = "53100"
"""PostgreSQL's code for a disk without room."""

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@cli.callback()
def configured() -> None:
    """An event-sourced content store: the backend of an encyclopedia of aviation history."""
    from kit.logging import configure

    level = Settings().log_level
    configure("warning" if level == "info" else level, "words")


@cli.command()
def up(state: StateOption = None) -> None:
    """Start all that one machine needs, and serve until Ctrl-C."""
    from scripts.up import up as start

    raise typer.Exit(start(settings_for(state)))


@cli.command()
def serve(state: StateOption = None) -> None:
    """Serve commands and queries over HTTP."""
    from scripts.serve import serve as start

    start(settings_for(state))


@cli.command()
def project(state: StateOption = None) -> None:
    """Keep the read models up to date and forward every event."""
    from scripts.project import project as start

    start(settings_for(state))


@cli.command()
def migrate(
    state: StateOption = None,
    broker: Annotated[bool, typer.Option("--broker", help="Declare exchange and stream too.")] = False,
) -> None:
    """Bring the database, and with --broker RabbitMQ, to what this build needs."""
    from scripts.database import database
    from scripts.migrate import migrate as bring

    settings = settings_for(state)
    with database(settings) as dsn:
        bring(settings.owner_url or dsn, dsn)
    if broker:
        from kit.broker_topology import declare

        asyncio.run(declare(settings.rabbitmq_url))


@cli.command()
def seed(
    state: StateOption = None,
    synthetic: Annotated[int, typer.Option(help="Make this many more articles, by machine.")] = 0,
    revisions: Annotated[int, typer.Option(help="Revisions of the synthetic ones, on average.")] = 4,
) -> None:
    """Load the sample encyclopedia, and synthetic articles if asked for."""
    from scripts.database import database
    from scripts.seed import seed as load

    settings = settings_for(state)
    with database(settings) as dsn:
        owner = settings.owner_url or dsn
        asyncio.run(load(dsn, owner_dsn=owner, synthetic=synthetic, revisions=revisions))


@cli.command()
def token(
    account: Annotated[str, typer.Option(help="Display name of the account; made when it is new.")],
    role: Annotated[str, typer.Option(help="reader, editor, moderator or admin.")],
    state: StateOption = None,
    for_: Annotated[str, typer.Option("--for", help="How long it is valid, such as 15m or 12h.")] = "12h",
    grant: Annotated[bool, typer.Option("--grant", help="Change the roles of an existing account.")] = False,
    bot: Annotated[bool, typer.Option("--bot", help="Make an opaque token for a program.")] = False,
) -> None:
    """Print a token for a person at a terminal, or for a bot."""
    from scripts.database import database
    from scripts.token import token_for

    settings = settings_for(state)
    with database(settings) as dsn:
        print(asyncio.run(token_for(settings, dsn, account, role, for_, grant=grant, bot=bot)))


@cli.command()
def bot(
    url: Annotated[str, typer.Option(help="RabbitMQ; default: RABBITMQ_URL.")] = "",
    queue: Annotated[str, typer.Option(help="A durable queue of this name misses nothing while away.")] = "",
    after: Annotated[int | None, typer.Option(help="Replay what came after this position first.")] = None,
    names: Annotated[str, typer.Option(help="Base URL of the API that tells the names of accounts.")] = "",
    token: Annotated[str, typer.Option(help="Token for --names.")] = "",
    json: JsonOption = False,
) -> None:
    """Print what happens, in words, as RabbitMQ delivers it."""
    from scripts.bot import bot as listen

    address = url or Settings().rabbitmq_url
    asyncio.run(
        listen(
            url=address,
            queue=queue or None,
            after=after,
            names_from=names or None,
            token=token or None,
            json_output=json,
        )
    )


add_to(cli)


def _variable(location: tuple[int | str, ...]) -> str:
    """Return the variable that a setting is read from, as far as a fault of the settings tells."""
    name = str(location[0]) if location else "the settings"
    return name if name.isupper() else f"FRANKENJET_{name.upper()}"


def main() -> None:
    """Run the command; a refusal is one line on standard error and exit code 1."""
    try:
        cli(prog_name="frankenjet")
    except (EmbeddedError, Refused) as problem:
        for line in str(problem).splitlines():
            print(f"frankenjet: {line}", file=sys.stderr)
        sys.exit(1)
    except ValidationError as problem:
        for fault in problem.errors():
            print(f"frankenjet: {_variable(fault['loc'])}: {fault['msg']}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as problem:
        if problem.filename is None:
            raise
        print(f"frankenjet: {problem.filename}: {problem.strerror}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if getattr(error, "sqlstate", "") != DISK_FULL:  # every driver of PostgreSQL has it
            raise
        print(f"frankenjet: the database has no room: {str(error).splitlines()[0]}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
