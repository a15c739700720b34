"""Progress bars of verbs, on standard error so that they never mix with what a verb prints."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

type ShowProgress = Callable[[str, int, int], None]
"""Told the name of a step, how much of it is done, and how much there is."""


@contextmanager
def bars() -> Iterator[ShowProgress]:
    """Yield what draws a bar for each step that it is told of, with how fast it goes."""
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as shown:
        tasks: dict[str, TaskID] = {}

        def told(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=of, rate="")
            speed = shown.tasks[tasks[name]].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            shown.update(tasks[name], completed=done, total=of, rate=rate)

        yield told
