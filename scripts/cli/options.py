"""Options that many verbs share, and the settings that follow from them."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kit.settings import Settings

VERSION = "0.1.0"
"""What `--version` says; a test compares it with pyproject.toml."""


def _say_version(*, wanted: bool) -> None:
    if wanted:
        print(f"frankenjet {VERSION}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version, and end.")
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state", help="Folder of the embedded parts; else FRANKENJET_STATE, or `.state` of the checkout."
    ),
]
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the audit.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of words.")]
LinesOption = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of words.")]


def settings_for(state: Path | None) -> Settings:
    """Return the settings, with the state folder of the command line if one is given."""
    settings = Settings()
    return settings if state is None else replace(settings, state=state.expanduser())
