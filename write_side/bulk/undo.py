"""What takes a change of many entries back, where nothing newer stands on it."""

from collections.abc import Sequence
from typing import Any

from events import entry as facts
from events.base import Event
from kit.errors import Problem
from write_side.bulk.change import OneCommand
from write_side.command import Command, Why
from write_side.entry import commands, lifecycle
from write_side.entry.state import State
from write_side.entry.work import EntryWork
from write_side.problem_types import CHANGED_SINCE
from write_side.receipt import Receipt


class Fields(Command):
    """Fields that get the values that they had."""

    wanted: dict[str, Any]


async def give_back_fields(work: EntryWork, body: Fields) -> Receipt:
    """Give fields the values that they had; those were good once, and are not judged again."""
    return await work.append(lifecycle.revise(work.aggregate, await work.state(), body.wanted))


def taking_back(
    event: Event, version: int, before: State, now: State, reason: str
) -> tuple[Sequence[OneCommand], Sequence[str]]:
    """Return the commands that take one event of an entry back, and the fields that have to stay.

    Args:
        event: what the earlier change made of the entry.
        version: the version of its stream that this made.
        before: the entry before that.
        now: the entry as it is.
        reason: the edit summary.

    Raises:
        Problem: 409, all that could be taken back has changed since.
    """
    if isinstance(event, facts.Revised):
        kept = [name for name in event.changed if now.changed_in[name] != version]
        wanted = {name: one.before for name, one in event.changed.items() if name not in kept}
        if not wanted:
            raise Problem(CHANGED_SINCE)
        return [OneCommand(give_back_fields, Fields(wanted=wanted, reason=reason))], kept
    if now.version != version:
        raise Problem(CHANGED_SINCE)
    shown = [] if before.pinned is None else [_shown(before.pinned, reason)]
    if isinstance(event, facts.Archived):
        return [OneCommand(commands.restore, Why(reason=reason)), *shown], ()
    if isinstance(event, facts.Restored):
        return [OneCommand(commands.archive, Why(reason=reason))], ()
    if isinstance(event, facts.Published):
        return shown or [OneCommand(commands.unpublish, Why(reason=reason))], ()
    raise Problem(CHANGED_SINCE)


def _shown(revision: int, reason: str) -> OneCommand:
    return OneCommand(commands.publish, commands.Publish(revision=revision, force=True, reason=reason))
