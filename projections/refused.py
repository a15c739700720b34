"""Finds the one event of a stream whose rows the database does not take."""

from collections.abc import Awaitable, Callable, Sequence

from kit.db import Connection
from projections.rows import REFUSALS
from projections.source import Broken, Item

type Apply = Callable[[Sequence[Item]], Awaitable[None]]
"""Writes what the events of one stream come to."""


async def without_refused(connection: Connection, items: Sequence[Item], apply: Apply) -> list[Item]:
    """Return the events of one stream with the first that the database refuses marked as broken.

    Args:
        connection: in a transaction, where nothing of the attempts stays.
        items: events that are refused together.
        apply: tried with the first so many of them.
    """
    taken, refused = 0, len(items)  # so many events are taken, so many are not
    error = await _refusal(connection, items, apply)
    while refused - taken > 1:
        middle = (taken + refused) // 2
        found = await _refusal(connection, items[:middle], apply)
        taken, refused, error = (middle, refused, error) if found is None else (taken, middle, found)
    return [*items[:taken], broken(items[taken], error), *items[refused:]]


def broken(item: Item, error: Exception | None) -> Broken:
    """Return an event as one that cannot be applied, and why."""
    return Broken(item.position, item.stream, item.id, f"{type(error).__name__}: {error}"[:500])


async def _refusal(connection: Connection, items: Sequence[Item], apply: Apply) -> Exception | None:
    """Say why the database does not take the rows of these events, or None."""
    trial = connection.transaction()
    await trial.start()
    try:
        await apply(items)
    except REFUSALS as error:
        return error
    finally:
        await trial.rollback()
    return None
