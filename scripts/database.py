"""A database for one verb: the one that DATABASE_URL names, or the embedded one of the state folder."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kit.embedded.postgres import Postgres
from kit.embedded.state import open_state
from kit.settings import Settings


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the address of the database; an embedded server that nobody else uses is stopped afterwards.

    Raises:
        kit.embedded.state.EmbeddedError: when there is no address and no server can run here.
    """
    if settings.database_url:
        yield settings.database_url
        return
    forget_postgres_variables()
    _end_in_order()
    with Postgres(open_state(settings.state)) as server:
        yield server.dsn


def forget_postgres_variables() -> None:
    """Drop the caller's PG* variables: they mean other servers and would bend the embedded one's address."""
    for name in [name for name in os.environ if name.startswith("PG")]:  # noqa: TID251 - our own process
        del os.environ[name]  # noqa: TID251


def _end_in_order() -> None:
    """Let SIGTERM unwind the verb as Ctrl-C does, so that it leaves no server behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
