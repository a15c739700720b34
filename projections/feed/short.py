"""What an event says beside what its row has columns for, cut to what is short."""

from typing import Any

import msgspec

from events.base import Event, Meta

LONGEST_TEXT = 2_000
"""Characters of a text that stays as it is."""

MOST_ITEMS = 20
"""Items of a list, or members of an object, that stay as they are."""


def told(event: Event, *without: str) -> dict[str, Any] | None:
    """Return the members of an event that are short; of a long one its length. None: there are none.

    Args:
        event: any event.
        without: members that stand elsewhere, in columns or in revisions.
    """
    found: dict[str, Any] = msgspec.to_builtins(event)
    return {name: _short(value) for name, value in found.items() if name not in without} or None


def beside(meta: Meta) -> dict[str, Any] | None:
    """Return what is unusual of an event's metadata; None: nothing is. Actor and command have columns."""
    found: dict[str, Any] = msgspec.to_builtins(meta)
    del found["actor"], found["command"]
    return found or None


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else {"characters": len(value)}
    if isinstance(value, list):
        return [_short(one) for one in value] if len(value) <= MOST_ITEMS else {"items": len(value)}
    if isinstance(value, dict):
        if len(value) > MOST_ITEMS:
            return {"items": len(value)}
        return {name: _short(one) for name, one in value.items()}
    return value
