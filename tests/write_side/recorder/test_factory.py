"""The factory takes the address of the log, and refuses to be what the log is not."""

import pytest
from eventsourcing.persistence import InfrastructureFactory, Tracking
from eventsourcing.utils import Environment

from tests.write_side.recorder.given import an_id, saved
from write_side.recorder import LogFactory, LogTrackingRecorder

MODULE = {"PERSISTENCE_MODULE": "write_side.recorder"}


def test_the_settings_of_the_library_are_derived_from_the_address() -> None:
    url = "postgresql://ada:p%40ss@log.example:6543/wiki?sslmode=require&options=-c%20geqo%3Doff"
    factory = LogFactory({"DATABASE_URL": url, "POSTGRES_PASSWORD": "of another machine"})
    assert "wiki" == factory.env.get("POSTGRES_DBNAME")
    assert "p@ss" == factory.env.get("POSTGRES_PASSWORD")
    facts = factory.datastore.pool.kwargs
    assert isinstance(facts, dict)
    assert ("log.example", "6543", "ada", "require") == (
        facts["host"], facts["port"], facts["user"], facts["sslmode"],
    )  # fmt: skip
    assert facts["options"].startswith("-c geqo=off ")
    assert "-c role=frankenjet_write " in facts["options"]


def test_an_address_may_leave_to_the_driver_what_it_knows() -> None:
    factory = LogFactory({"DATABASE_URL": "postgresql:///postgres?host=/run/state"})
    assert "/run/state" == factory.env.get("POSTGRES_HOST")
    assert "" == factory.env.get("POSTGRES_USER")


def test_without_an_address_there_is_no_factory() -> None:
    with pytest.raises(OSError, match="DATABASE_URL is not set"):
        LogFactory({})


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("POSTGRES_ENABLE_DB_FUNCTIONS", "yes"),
        ("ORIGINATOR_ID_TYPE", "text"),
        ("SINGLE_ROW_TRACKING", "n"),
        ("POSTGRES_SCHEMA", "elsewhere"),
    ],
)
def test_what_the_log_cannot_be_is_refused(setting: str, wanted: str) -> None:
    with pytest.raises(OSError, match=setting):
        InfrastructureFactory[LogTrackingRecorder].construct(
            {**MODULE, "DATABASE_URL": "postgresql:///x", setting: wanted}
        )


def test_a_recorder_of_another_family_is_refused(database: str) -> None:
    named = {
        "DATABASE_URL": database,
        "APPLICATION_RECORDER_TOPIC": "eventsourcing.popo:POPOApplicationRecorder",
    }
    with LogFactory(named) as factory, pytest.raises(OSError, match="APPLICATION_RECORDER_TOPIC"):
        factory.application_recorder()


def test_each_application_has_snapshots_and_progress_of_its_own(database: str) -> None:
    stream = an_id()
    for name in ("Hangar", "Tower"):
        with LogFactory(Environment(name, {"DATABASE_URL": database})) as factory:
            snapshots = factory.aggregate_recorder(purpose="snapshots")
            assert [] == snapshots.select_events(stream)
            snapshots.insert_events(saved(stream, 5))
            assert 1 == len(snapshots.select_events(stream))
            progress = factory.tracking_recorder()
            assert progress.max_tracking_id("upstream") is None
            progress.insert_tracking(Tracking("upstream", 3))
