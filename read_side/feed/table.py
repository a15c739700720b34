"""The tables of the feed: a short row for each event, and what has to be known of each entry."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSON

from read_side.list_table import MOMENT

MODEL = "feed"
"""Name of the read model."""


class FeedTables(NamedTuple):
    """They have no schema: the engine makes one for each build."""

    event: Table
    """One row for each event, without its long texts and without what the revisions of entries hold."""

    subject: Table
    """One row for each entry: where it is, and what readers know of it."""


def _tables() -> FeedTables:
    metadata = MetaData()
    return FeedTables(
        Table(
            "event",
            metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("event", Uuid, nullable=False),
            Column("stream", Uuid, nullable=False),  # of an entry: its id
            Column("version", BigInteger, nullable=False),
            Column("at", MOMENT, nullable=False),
            Column("type", Text, nullable=False),  # <kind>.<event>
            Column("actor", Uuid, nullable=False),
            Column("command", Uuid, nullable=False),
            Column("public", Boolean, nullable=False),  # by the rule of this build; the numbers decide
            Column("revision", Integer),  # of an entry, that it is about
            Column("base", Integer),  # of a publication: what readers saw until then; null: nothing
            Column("slug", Text),  # of an entry, as it is then; null: that of its subject
            Column("title", JSON),  # the same
            Column("body_hash", LargeBinary),  # SHA-256 of a long text that it brings
            Column("body_size", Integer),  # bytes of that text
            Column("meta", JSON),  # client, reason and so on, but for what is usual; null: all is
            Column("data", JSON),  # what else it says, if that is short
            Index("event_public", "position", postgresql_where=sql("public")),
        ),
        Table(
            "subject",
            metadata,
            Column("entry", Uuid, primary_key=True),
            Column("locale", Text),
            Column("slug", Text, nullable=False),
            Column("title", JSON),  # as readers last saw it; null: they never did
            Column("shown_slug", Text),  # the same
            Column("pinned", Integer),  # revision that they see; null: none
            Column("gone", BigInteger),  # position at which it was last taken from them; null: never
        ),
    )


FEED = _tables()
