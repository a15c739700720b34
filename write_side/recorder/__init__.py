"""Lets applications of the eventsourcing library work on the log: PERSISTENCE_MODULE=write_side.recorder."""

from write_side.recorder.factory import LogFactory
from write_side.recorder.recorders import LogAggregateRecorder, LogApplicationRecorder
from write_side.recorder.snapshots import SnapshotRecorder
from write_side.recorder.subscription import LogSubscription
from write_side.recorder.tracking import LogProcessRecorder, LogTrackingRecorder

__all__ = [
    "LogAggregateRecorder",
    "LogApplicationRecorder",
    "LogFactory",
    "LogProcessRecorder",
    "LogSubscription",
    "LogTrackingRecorder",
    "SnapshotRecorder",
]
