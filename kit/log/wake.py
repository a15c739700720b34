"""How readers of the log are told that it grew: a notification that says the newest position."""

CHANNEL = "frankenjet_log"

NOTIFY = f"select set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', $1)"
"""It says what is durable already, and need not be so itself. A lost one costs a reader at most its poll of
one second: never an event."""

NOTIFIED = f"pg_notify('{CHANNEL}', {{}})"
"""The same as a part of the statement that stores: who is told finds it durable as well."""

_DIGITS = 19
"""Of the longest position."""


def position_in(payload: str) -> int | None:
    """Return the position that a notification names; None when it names none: it may hold anything."""
    return int(payload) if payload.isdecimal() and len(payload) <= _DIGITS else None
