"""Notices within seconds that a server is gone without a word, however long its real answers may take."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from kit.postgres.connect import AWAY, GREETING, PROJECTOR, Connection, connect, hang_up
from kit.retry import before_retry
from kit.running.ending import end

QUESTION_SECONDS = 1.5
"""Seconds between two questions that cost nothing to answer."""

SILENT_SECONDS = 4.0
"""Seconds without an answer after which nobody is there any more: the machine, or the way to it, is gone."""

LOOK_SECONDS = 0.5
"""Seconds between two looks whether a task is cancelled."""


async def wait_for_silence(dsn: str, name: str) -> None:
    """Return when the server behind an address does not answer any more, or has closed the connection.

    Args:
        dsn: address of the database.
        name: who wants to know.
    """
    connection: Connection = None
    try:
        connection = await _opened(dsn, name)
        while True:
            await _answered(connection)
            await asyncio.sleep(QUESTION_SECONDS)
    except AWAY:
        return
    finally:
        if connection is not None:
            connection.terminate()


@asynccontextmanager
async def ended_by_silence(dsn: str, name: str, give_up: Callable[[], None]) -> AsyncIterator[None]:
    """Call `give_up` once the server behind an address falls silent, unless the block has ended.

    Args:
        dsn: address of the database.
        name: who wants to know.
        give_up: closes the connections of the block: that ends whatever waits for an answer.
    """

    async def watch() -> None:
        await wait_for_silence(dsn, name)
        give_up()

    watching = asyncio.create_task(watch(), name="watch")
    try:
        yield
    finally:
        await end(watching)


@contextmanager
def answered_within(
    seconds: float, give_up: Callable[[], None], *, working: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Call `give_up` when the block takes longer: a connection may be dead while its server is well.

    A time-out would not do: a transaction that it leaves waits for the answer to its roll-back.

    Args:
        seconds: that the block may take.
        give_up: closes the connections of the block: that ends whatever waits for an answer.
        working: says that the block waits for our own work, which is bounded elsewhere.
    """
    loop = asyncio.get_running_loop()
    alarm: asyncio.TimerHandle

    def late() -> None:
        nonlocal alarm
        if working():
            alarm = loop.call_later(seconds, late)
        else:
            give_up()

    alarm = loop.call_later(seconds, late)
    try:
        yield
    finally:
        alarm.cancel()


async def _answered(connection: Connection) -> None:
    """Ask something; TimeoutError when the loop turned for SILENT_SECONDS and nothing was answered.

    A loop that was held up, by a pipe that nobody reads, finds the answer before it looks at the time.
    """
    asking = asyncio.ensure_future(connection.fetchval("select 1"))
    asking.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        for _ in range(round(SILENT_SECONDS / LOOK_SECONDS)):
            if (await asyncio.wait([asking], timeout=LOOK_SECONDS))[0]:
                await asking
                return
    finally:
        asking.cancel()
    raise TimeoutError


@asynccontextmanager
async def watched_connection(
    dsn: str, name: str, role: str | None = PROJECTOR, **settings: str
) -> AsyncIterator[Connection]:
    """Yield a connection for work that takes its time, and close it at once when that would wait without end.

    It would when the server falls silent, and when the task is cancelled meanwhile: a transaction that is
    left says so to the server, and waits for the answer.

    Args:
        dsn: address of the database.
        name: application name of the connection.
        role: what it acts as; None keeps the login.
        settings: of the server, as `connect` takes them.

    Raises:
        TimeoutError: the server has fallen silent.
    """
    connection = await connect(dsn, name, role, **settings)
    attending = _Attending(connection)
    watching = asyncio.create_task(attending.run(dsn, name, asyncio.current_task()))
    try:
        yield connection
    except AWAY as error:
        if attending.silent:
            raise TimeoutError("the server does not answer any more") from error
        raise
    finally:
        attending.over = True
        await end(watching)
        await hang_up(connection)


class _Attending:
    """Watches over the server and over the task that works, and ends the connection for either."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.silent = False
        """The server has not answered any more."""
        self.over = False
        """The work is done."""

    async def run(self, dsn: str, name: str, worker: asyncio.Task[object] | None) -> None:
        quiet = asyncio.create_task(_silence_later(dsn, name))
        try:
            while not quiet.done() and not (worker and worker.cancelling()):
                await asyncio.wait([quiet], timeout=LOOK_SECONDS)
            self.silent = quiet.done()
            if not self.silent:
                await asyncio.sleep(GREETING)
        finally:
            quiet.cancel()
            if not self.over:  # also when all tasks are cancelled, because the process ends
                self._connection.terminate()


async def _silence_later(dsn: str, name: str) -> None:
    """Do as `wait_for_silence` does, once the work has taken its time: most of it is done before that."""
    await asyncio.sleep(QUESTION_SECONDS)
    await wait_for_silence(dsn, name)


async def _opened(dsn: str, name: str) -> Connection:
    """Connect; TimeoutError when nobody answers. Who has no connection to spare is there all the same."""
    heard = time.monotonic()
    while True:
        try:
            return await connect(dsn, f"{name} watch", PROJECTOR)
        except asyncpg.PostgresError:
            heard = time.monotonic()
        except AWAY as error:
            if time.monotonic() - heard > SILENT_SECONDS:
                raise TimeoutError from error
        await before_retry(QUESTION_SECONDS)
