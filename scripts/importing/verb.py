"""The verb `import-content` and its options; what it needs is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from scripts.cli.options import LinesOption, StateOption, settings_for


def import_content(
    format_: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="What the source is: git, mediawiki, ndjson, wikidata or zip."),
    ],
    path: Annotated[Path, typer.Argument(help="Where it is.")],
    *,
    state: StateOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and judge all of it, and store nothing.")
    ] = False,
    source: Annotated[
        str, typer.Option(help="A name of the source, the same for each run; else what it says itself.")
    ] = "",
    locale: Annotated[Literal["ru", "en"], typer.Option(help="The language of what names none.")] = "en",
    encoding: Annotated[str, typer.Option(help="Of texts that are not UTF-8.")] = "latin-1",
    branch: Annotated[str, typer.Option(help="Of a git repository.")] = "HEAD",
    json: LinesOption = False,
) -> None:
    """Import content with its history from elsewhere.

    Every revision keeps its author, its time and its reason. What the rules refuse is set aside, line by
    line, with the reason; then the exit code is 3. It can be killed and started again at any time: nothing
    is doubled.
    """
    from kit.postgres.connect import WRITER
    from scripts.cli.database import database
    from scripts.cli.stoppable import run_stoppable
    from scripts.importing.import_content import import_content as run
    from write_side.importing.formats.catalog import FORMATS, WantedImport

    if format_ not in FORMATS:
        raise typer.BadParameter(f"there are: {', '.join(FORMATS)}", param_hint="FORMAT")
    wanted = WantedImport(source, locale, encoding, branch)
    with database(settings_for(state), WRITER) as dsn:
        running = run(dsn, format_, path, wanted, dry_run=dry_run, as_json=json)
        raise typer.Exit(run_stoppable(running, "the import was stopped; the next one goes on from there"))
