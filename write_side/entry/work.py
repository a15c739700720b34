"""What a command on an entry works with."""

from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.work import Work

type EntryWork = Work[EntryKind, State]
"""A command on an entry: `aggregate` is its kind, `state` the working copy and the publication."""
