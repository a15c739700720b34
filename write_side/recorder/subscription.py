"""Follows the log for the library: looks once a second, sooner when told, and comes back after an outage."""

from collections.abc import Sequence
from queue import Full
from time import monotonic
from uuid import UUID

import structlog
from eventsourcing import persistence
from eventsourcing import postgres as pg
from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError, ShutDown
from psycopg.sql import SQL, Identifier

from kit.log.wake import CHANNEL
from write_side.recorder.stored import SyncConnection, event_at, head, page

POLL_SECONDS = 1.0
"""Seconds after which the log is looked at, whether there was a notification or not."""

GLANCE = 0.1
"""Seconds until a subscription notices that it was stopped, or that its consumer took something."""

PAGE_EVENTS = 500
"""Events handed over at once."""

SCAN = 10_000
"""Positions looked at by one query for some topics."""

RETRY_SECONDS = 0.5
"""Seconds between two attempts to reach the server."""

log = structlog.get_logger()


class LogSubscription(persistence.ListenNotifySubscription[persistence.ApplicationRecorder]):
    """Yields the events of the log after a position, in order, and blocks at its end.

    Args:
        recorder: what the library says a subscription is of.
        datastore: lends one connection for as long as the subscription runs.
        gt: position after which to begin; None is the beginning of the log.
        topics: yield only these; the others are passed over once, not at every look.
    """

    def __init__(
        self,
        recorder: persistence.ApplicationRecorder,
        datastore: pg.PostgresDatastore,
        gt: int | None,
        topics: Sequence[str],
    ) -> None:
        self._datastore = datastore
        self.position = gt or 0
        """Last position that was looked at, whether it was yielded or not."""
        self._event: UUID | None = None
        """The event that stands there."""
        self._reached = True
        super().__init__(recorder=recorder, gt=gt, topics=topics)  # starts the thread

    def _loop_on_pull(self) -> None:
        try:
            while not self._has_been_stopped:
                try:
                    self._follow()
                except (InterfaceError, OperationalError) as error:
                    if self._datastore.pool.closed:
                        raise
                    if self._reached:  # once an outage, not at every attempt
                        log.warning("subscription.reconnects", position=self.position, error=str(error))
                    self._reached = False
                    self._has_been_notified.wait(RETRY_SECONDS)  # only stop() sets it
        except BaseException as error:  # noqa: BLE001 - the iterating thread raises it
            self._thread_error = error
            self.stop()

    def _follow(self) -> None:
        with self._datastore.get_connection() as connection:
            try:
                # First listen, then look: what is appended between the two is seen by the look.
                connection.execute(SQL("listen {}").format(Identifier(CHANNEL)))
                self._compare(connection)
                while not self._has_been_stopped:
                    self._look(connection)
                    self._reached = True
                    self._rest(connection)
            finally:
                connection.close()  # one that listens does not go back to the others

    def _compare(self, connection: SyncConnection) -> None:
        """Compare the event at the place of this reader with the log, which may be another one by now."""
        if self._event not in {None, event_at(connection, self.position)}:
            raise PersistenceError(f"EPOCH_REWIND: the log does not hold what was read at {self.position}")

    def _look(self, connection: SyncConnection) -> None:
        while not self._has_been_stopped:
            if self._datastore.pool.closed:
                raise OperationalError("the factory of this subscription was closed")
            end = head(connection)
            if end < self.position:
                raise PersistenceError(
                    f"EPOCH_REWIND: the log ends at {end}, but this reader has been at {self.position}"
                )
            if end == self.position:
                return
            # What is committed up to `end` is all there will ever be: positions are in commit order.
            upto = min(end, self.position + (SCAN if self._topics else PAGE_EVENTS))
            found = page(connection, self.position + 1, upto, self._topics, PAGE_EVENTS)
            reached = found[-1].id if len(found) == PAGE_EVENTS else upto
            event = event_at(connection, reached)  # asked before anybody sees what stands there
            if found:
                self._hand_over(connection, found)
            self.position, self._event = reached, event

    def _hand_over(self, connection: SyncConnection, found: Sequence[persistence.Notification]) -> None:
        while not self._has_been_stopped:
            try:
                self._notifications_queue.put(found, timeout=GLANCE)
            except Full:
                _drain(connection, 0)  # a full socket would hold up the notifications of everybody
            except ShutDown:
                return
            else:
                return

    def _rest(self, connection: SyncConnection) -> None:
        until = monotonic() + POLL_SECONDS
        while not self._has_been_stopped and monotonic() < until:
            if _drain(connection, GLANCE):
                return


def _drain(connection: SyncConnection, seconds: float) -> bool:
    """Take notifications that are there, or wait so long for one; True when there was one."""
    return sum(1 for _ in connection.notifies(timeout=seconds, stop_after=1)) > 0
