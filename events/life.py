"""The life that kinds share: its ten steps in their order, for either sort of kind."""

from typing import Any, NamedTuple

from events import entry, local_entry


class Life(NamedTuple):
    """The ten events of a kind, in the order in which they are listed everywhere.

    What the first four say beside what all kinds say hangs on whether the kind is localized.
    """

    created: type[Any]
    revised: type[Any]
    submitted: type[Any]
    published: type[Any]
    withdrawn: type[entry.Withdrawn]
    returned: type[entry.Returned]
    unpublished: type[entry.Unpublished]
    archived: type[entry.Archived]
    restored: type[entry.Restored]
    renamed: type[entry.Renamed]


STEPS = Life(
    entry.Created,
    entry.Revised,
    entry.Submitted,
    entry.Published,
    entry.Withdrawn,
    entry.Returned,
    entry.Unpublished,
    entry.Archived,
    entry.Restored,
    entry.Renamed,
)
"""The events of a kind whose entries are for all languages; those of each kind are subclasses."""

LOCAL_STEPS = STEPS._replace(
    created=local_entry.LocalCreated,
    revised=local_entry.LocalRevised,
    submitted=local_entry.LocalSubmitted,
    published=local_entry.LocalPublished,
)
"""The events of a kind whose entries are in one language each."""
