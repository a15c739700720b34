"""Tables that verbs print."""

import sys
from io import StringIO

from rich.console import Console
from rich.table import Table

WIDE = 10_000
"""Columns of an output that is no terminal: whatever reads it gets whole lines."""


def show(table: Table) -> None:
    """Print a table: as wide as the terminal, and as wide as it is where the output is none."""
    if sys.stdout.isatty():
        Console().print(table)
        return
    text = StringIO()
    Console(file=text, width=WIDE).print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()))
