"""Connections of the recorder: their role and time-outs, and calls repeated until a deadline."""

from collections.abc import Callable, Generator
from contextvars import ContextVar
from time import monotonic, sleep
from typing import Any

import psycopg
from eventsourcing import postgres as pg
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg.rows import DictRow
from psycopg.waiting import Wait
from psycopg_pool import PoolClosed

from kit.postgres.connect import STEADY, WRITER, as_options
from write_side.log.appender import DEADLINE
from write_side.log.lane import ATTEMPT

SETTINGS = STEADY | {
    "role": WRITER,
    "lock_timeout": "1000",
    "statement_timeout": "5000",
    "idle_in_transaction_session_timeout": "2000",
    "client_connection_check_interval": "500",
    "tcp_user_timeout": "2500",
}
"""Settings of the server for every connection; times in milliseconds."""

LENDING = 0.5
"""Seconds to wait for a connection of the pool; who asks in vain asks again."""

RETRY_SECONDS = 0.05
"""Seconds between two attempts: each may meet one more connection that broke while it was idle."""

_patience: ContextVar[float] = ContextVar("patience", default=6.0)
"""Seconds of silence after which a server is given up; above its own statement time-out."""


class PatientConnection(psycopg.Connection[DictRow]):
    """A connection that breaks itself when the server says nothing for too long: frozen, or a dead link."""

    def wait(self, gen: Generator[Wait, Any, Any], *args: Any, **options: Any) -> Any:
        limit = _patience.get()
        try:
            return super().wait(_heard(gen, limit), *args, **options)
        except TimeoutError:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server said nothing for {limit:.1f} s") from None


def _heard[R](gen: Generator[Wait, Any, R], limit: float) -> Generator[Wait, Any, R]:
    """Pass a call of the driver through; TimeoutError when nothing was ready for `limit` seconds."""
    until = monotonic() + limit
    try:
        state = next(gen)
        while True:
            ready = yield state
            now = monotonic()
            if ready:
                until = now + limit
            elif now >= until:
                gen.close()
                raise TimeoutError
            state = gen.send(ready)
    except StopIteration as end:
        answer: R = end.value
        return answer


def bound(datastore: pg.PostgresDatastore, extras: dict[str, Any]) -> None:
    """Make a datastore that is not open yet hand out connections of ours.

    Args:
        datastore: the library's pool of connections.
        extras: further parameters of libpq, such as sslmode.
    """
    pool = datastore.pool
    wanted = dict(pool.kwargs) if isinstance(pool.kwargs, dict) else {}
    wanted |= {"connect_timeout": 2, "application_name": "frankenjet recorder"} | extras
    wanted["options"] = f"{extras.get('options', '')} {as_options(SETTINGS)}".strip()
    pool.kwargs = wanted
    pool.connection_class = PatientConnection
    pool.timeout = LENDING
    pool.reconnect_timeout = ATTEMPT  # the next caller tries at once, however long the server was away


def until_deadline[R](call: Callable[[], R]) -> R:
    """Return what a call returns, repeating it for at most 2.5 s while the server cannot be reached.

    Whatever makes the call recognisable (ids, a mark) must have been made before: after a lost reply the
    call is repeated as it was, and finds what it has done.

    Raises:
        OperationalError, InterfaceError: the server did not answer in time; what was done is unknown.
    """
    until = monotonic() + DEADLINE
    while True:
        token = _patience.set(min(ATTEMPT, until - monotonic()))
        try:
            return call()
        except (InterfaceError, OperationalError) as error:
            if isinstance(error.__cause__, PoolClosed) or monotonic() + RETRY_SECONDS >= until:
                raise
        finally:
            _patience.reset(token)
        sleep(RETRY_SECONDS)
