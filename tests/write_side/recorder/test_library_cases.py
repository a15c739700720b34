"""The library's own cases, each on a log of its own."""

from collections.abc import Iterator

import pytest
from eventsourcing import persistence
from eventsourcing.tests import application as applications
from eventsourcing.tests import persistence as cases
from eventsourcing.utils import Environment

from tests.write_side.recorder.given import told
from write_side.recorder import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogFactory,
    LogProcessRecorder,
    LogTrackingRecorder,
)

MODULE = "write_side.recorder"


class OnALog:
    """A case of the library with a log to run on."""

    factory: LogFactory

    @pytest.fixture(autouse=True)
    def _on_a_log(self, database: str) -> Iterator[None]:
        with LogFactory(told(database)) as self.factory:
            yield


class TestAggregatesOnTheLog(OnALog, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> persistence.AggregateRecorder:
        return self.factory.aggregate_recorder()


class TestSnapshotsBesideTheLog(OnALog, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> persistence.AggregateRecorder:
        return self.factory.aggregate_recorder(purpose="snapshots")


class TestApplication(OnALog, cases.ApplicationRecorderTestCase):
    def create_recorder(self) -> persistence.ApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestPositionsOfSavesDoNotInterleave(OnALog, cases.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> persistence.ApplicationRecorder:
        return self.factory.application_recorder()


class TestTracking(OnALog, cases.TrackingRecorderTestCase):
    def create_recorder(self) -> persistence.TrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcess(OnALog, cases.ProcessRecorderTestCase):
    def create_recorder(self) -> persistence.ProcessRecorder:
        return self.factory.process_recorder()


class AViewOfItsOwn(LogTrackingRecorder):
    """A view of an application is a tracking recorder with more to it."""


class TestFactory(cases.InfrastructureFactoryTestCase[LogFactory]):
    @pytest.fixture(autouse=True)
    def _on_a_log(self, database: str) -> None:
        self.env = Environment(env=told(database))

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[persistence.AggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[persistence.ApplicationRecorder]:
        return LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[persistence.TrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[persistence.TrackingRecorder]:
        return AViewOfItsOwn

    def expected_process_recorder_class(self) -> type[persistence.ProcessRecorder]:
        return LogProcessRecorder


class TestExampleApplication(applications.ExampleApplicationTestCase):
    expected_factory_topic = f"{MODULE}.factory:LogFactory"

    @pytest.fixture(autouse=True)
    def _on_a_log(self, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PERSISTENCE_MODULE", MODULE)
        monkeypatch.setenv("DATABASE_URL", database)
