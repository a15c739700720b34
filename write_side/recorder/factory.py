"""What the library asks for recorders: reads its environment, and refuses what this log cannot be."""

from typing import Any, cast, overload

from eventsourcing import persistence
from eventsourcing import postgres as pg
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from psycopg.conninfo import conninfo_to_dict

from write_side.recorder.connection import bound
from write_side.recorder.recorders import LogAggregateRecorder, LogApplicationRecorder
from write_side.recorder.snapshots import SnapshotRecorder
from write_side.recorder.tracking import LogProcessRecorder, LogTrackingRecorder

DATABASE_URL = "DATABASE_URL"

_FACTS = {
    "POSTGRES_DBNAME": "dbname",
    "POSTGRES_HOST": "host",
    "POSTGRES_PORT": "port",
    "POSTGRES_USER": "user",
    "POSTGRES_PASSWORD": "password",
}
"""Setting of the library → part of an address; libpq has a default for each that is empty."""


class LogFactory(
    pg.BasePostgresFactory[LogTrackingRecorder], persistence.InfrastructureFactory[LogTrackingRecorder]
):
    """Makes recorders that work on the log of DATABASE_URL.

    The library's own POSTGRES_* settings of the connection are derived from that address; without it they
    are used as they are. CREATE_TABLE means nothing here: the migrations make the tables.

    Raises:
        OSError: there is no address, or a setting asks for what this log cannot be.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        given = env if isinstance(env, Environment) else Environment(env=env)
        extras = _derive(given)
        _refuse(given)
        super().__init__(given)
        bound(self.datastore, extras)

    def aggregate_recorder(self, purpose: str = "events") -> persistence.AggregateRecorder:
        """Return a recorder on the log; for any other purpose, snapshots it is, one beside the log."""
        if purpose == "events":
            return LogAggregateRecorder(self.datastore)
        return SnapshotRecorder(self.datastore, owner=self._named("stored", purpose))

    def application_recorder(self) -> LogApplicationRecorder:
        """Return a recorder on the log."""
        chosen = self._chosen(self.APPLICATION_RECORDER_TOPIC, LogApplicationRecorder)
        return chosen(self.datastore)

    @overload  # type: ignore[override]  # mypy does not see that the two together take what one took
    def tracking_recorder(self, tracking_recorder_class: None = None) -> LogTrackingRecorder: ...

    @overload
    def tracking_recorder[T: LogTrackingRecorder](self, tracking_recorder_class: type[T]) -> T: ...

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        """Return a recorder of this application's progress, or a view of its own that is one."""
        chosen = tracking_recorder_class or self._chosen(self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder)
        return chosen(self.datastore, tracking_table_name=self._named("notification", "tracking"))

    def process_recorder(self) -> LogProcessRecorder:
        """Return a recorder on the log that keeps this application's progress with its events."""
        chosen = self._chosen(self.PROCESS_RECORDER_TOPIC, LogProcessRecorder)
        return chosen(self.datastore, tracking_table_name=self._named("notification", "tracking"))

    def _named(self, default: str, purpose: str) -> str:
        return f"{self.env.name.lower() or default}_{purpose}"

    def _chosen[T](self, setting: str, base: type[T]) -> type[T]:
        topic = self.env.get(setting)
        chosen: Any = resolve_topic(topic) if topic else base
        if not issubclass(chosen, base):
            raise OSError(f"{setting} does not name a {base.__name__}")
        return cast("type[T]", chosen)


def _derive(env: Environment) -> dict[str, Any]:
    """Put the parts of DATABASE_URL where the library looks for them; return those it has no name for."""
    url = env.get(DATABASE_URL)
    if not url:
        if env.get("POSTGRES_DBNAME") is None:
            raise OSError(f"{DATABASE_URL} is not set")
        return {}
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    for setting, part in _FACTS.items():
        env[env.create_keys(setting)[0]] = str(parts.pop(part, ""))
    return parts


def _refuse(env: Environment) -> None:
    if strtobool(env.get("POSTGRES_ENABLE_DB_FUNCTIONS") or "no"):
        raise OSError(
            "POSTGRES_ENABLE_DB_FUNCTIONS is never set: with it, readers pass over committed events"
        )
    if env.get("ORIGINATOR_ID_TYPE", "uuid").lower() != "uuid":
        raise OSError("ORIGINATOR_ID_TYPE is uuid: streams of this log have no other ids")
    if not strtobool(env.get("SINGLE_ROW_TRACKING", "t")):
        raise OSError("SINGLE_ROW_TRACKING is on: a follower has one row here")
    if env.get("POSTGRES_SCHEMA"):
        raise OSError("POSTGRES_SCHEMA is not set: the log is in the schema log")
