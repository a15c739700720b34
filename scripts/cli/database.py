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
from scripts.cli.door import reach
from scripts.cli.stoppable import signals_as_before


@contextmanager
def database(settings: Settings, *roles: str, owned: bool = False, migrated: bool = True) -> Iterator[str]:
    """Yield the address of the database; an embedded server that nobody else uses is stopped afterwards.

    Args:
        settings: name the database, or the state folder of an embedded one; that has to be there already.
        roles: what the verb acts as: the login has to be let into these.
        owned: whether it is wanted as its owner.
        migrated: whether it has to hold the schema of this build.

    Raises:
        kit.errors.Refused: when the database cannot be used for this, with the setting and the mend.
        kit.embedded.state.EmbeddedError: when there is no address and no server can run here.
    """
    if settings.database_url or (owned and settings.owner_url):
        setting = "FRANKENJET_OWNER_URL" if owned and settings.owner_url else "DATABASE_URL"
        dsn = settings.owner_url if setting == "FRANKENJET_OWNER_URL" else settings.database_url
        with signals_as_before():
            _end_in_order()
            reach(dsn, setting, roles, migrated=migrated)
            yield dsn
        return
    state = open_state(settings.state, make=False)
    forget_postgres_variables()
    with signals_as_before():
        _end_in_order()
        with Postgres(state) as server:
            reach(server.dsn, str(state.folder), roles, migrated=migrated)
            yield server.dsn


def forget_postgres_variables() -> None:
    """Drop the caller's PG* variables: they mean other servers and would bend the embedded one's address."""
    for name in [name for name in os.environ if name.startswith("PG")]:  # noqa: TID251 - our own process
        del os.environ[name]  # noqa: TID251


def _end_in_order() -> None:
    """Let SIGTERM unwind the verb as Ctrl-C does, so that it leaves nothing behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once more would leave what is being put away now
    sys.exit(128 + number)
