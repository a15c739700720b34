"""The tables of all kinds of entries; projections fill them, queries read them, nobody else touches them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from events.kind import Kind
from read_side.list_table import MOMENT, list_table


class EntryTables(NamedTuple):
    """The tables of all kinds of entries. They have no schema: the engine makes one for each build."""

    entry: Table
    """The state of each entry, with the small fields of its newest revision."""

    revision: Table
    """Every revision; a long text stands, whole or in parts, only in the revision that changed it."""

    address: Table
    """Every slug, present or former, and the entry that owns it."""

    relation: Table
    """What the revision that readers see says of other entries; nothing of an entry that they do not see."""

    draft_relation: Table
    """What the newest revision of an entry names in its fields, whether or not readers see that revision."""

    mention: Table
    """Where the text of an entry leads, its original, its pictures: as they are, and as readers see them."""

    media: Table
    """Every picture, with what is said of it: entries are shown with them."""

    facets: Mapping[str, Table]
    """Kind → what readers can list of it: a row is there only while its entry is published."""

    @property
    def all(self) -> tuple[Table, ...]:
        """The tables in the order of their making."""
        return (*self[:-1], *self.facets.values())


def entry_tables(kinds: Iterable[Kind]) -> EntryTables:
    """Make the tables of some kinds."""
    metadata = MetaData()
    return EntryTables(
        _entry(metadata),
        _revision(metadata),
        _address(metadata),
        _relation(metadata),
        _draft_relation(metadata),
        _mention(metadata),
        _media(metadata),
        {kind.name: list_table(metadata, kind) for kind in kinds},
    )


def _entry(metadata: MetaData) -> Table:
    return Table(
        "entry",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject", Uuid),  # of a kind whose entries are in one language each
        Column("locale", Text),  # of such a kind
        Column("slug", Text, nullable=False),
        Column("title", JSON),  # of the revision that readers see, as its kind has it; null: they see none
        Column("related", JSON),  # ids that this revision names in relations, one for each row; null: none
        Column("version", BigInteger, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("draft", Text, nullable=False),  # none, open or submitted
        Column("submitted", Integer),
        Column("comment", Text),  # of the last return, until the next publication
        Column("publication", Text, nullable=False),  # none, pinned or archived
        Column("pinned", Integer),
        Column("hidden", JSON),  # revisions that were taken back, until each is published again; null: none
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("published_at", MOMENT),  # when the pinned revision was published
        Column("first_published_at", MOMENT),
        Column("shown_at", MOMENT),  # when what readers see last became another
        Column("position", BigInteger, nullable=False),  # of the last event
        Column("content", JSON, nullable=False),  # small fields of the newest revision
        Column("content_revision", Integer, nullable=False),  # revision whose row holds them too
        Column("body_revision", Integer),  # revision that last changed its long text
        Column("body_base", Integer),  # revision that holds whole the text which this one keeps parts of
        Column("body_weight", Integer),  # characters that are read to put it together
        Column("body_hash", LargeBinary),  # SHA-256 of the newest text, where that may have parts
        Column("translated_from", JSON),
        Index("entry_subject", "subject"),
        Index("entry_hidden", "kind", postgresql_where=text("hidden is not null")),
    )


def _revision(metadata: MetaData) -> Table:
    return Table(
        "revision",
        metadata,
        Column("entry", Uuid, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("event", Uuid, nullable=False),
        Column("at", MOMENT, nullable=False),
        Column("actor", Uuid, nullable=False),
        Column("reason", Text, nullable=False),
        Column("client", Text, nullable=False),
        Column("source_time", MOMENT),  # when it was written where it was imported from
        Column("changed", JSON, nullable=False),  # names of the fields
        Column("reverts", Integer),
        Column("translated_from", JSON),
        Column("content", JSON),  # every small field as it was then; only where one of them changed
        Column("content_revision", Integer, nullable=False),  # revision that holds the content of this one
        Column("body", Text, info={"heavy": True}),  # whole: only in a revision that changed it, now and then
        Column("parts", JSON, info={"heavy": True}),  # in others that changed it: read_side.entry.parts
        Column("links", JSON),  # entries that this body leads to: <kind>/<slug, locale:slug or id>
        Column("body_revision", Integer),  # revision that last changed the body of this one
        Column("body_base", Integer),  # revision with the whole body from which it is put together
        Column("published_at", MOMENT),  # when it was first published
        PrimaryKeyConstraint("entry", "revision"),
        Index("revision_published", "entry", "revision", postgresql_where=text("published_at is not null")),
    )


def _address(metadata: MetaData) -> Table:
    return Table(
        "address",
        metadata,
        Column("kind", Text, nullable=False),
        Column("slug", Text, nullable=False),
        Column("locale", Text, nullable=False),  # empty where a kind has none
        Column("entry", Uuid, nullable=False),
        PrimaryKeyConstraint("kind", "slug", "locale"),
        Index("address_entry", "entry"),
    )


def _relation(metadata: MetaData) -> Table:
    return Table(
        "relation",
        metadata,
        Column("entry", Uuid, nullable=False),
        Column("number", Integer, nullable=False),  # 0, 1, 2 … in the order of fields and items
        Column("field", Text, nullable=False),
        Column("target", Uuid, nullable=False),  # the entry that is named; its row says who sees it
        Column("item", JSON),  # what an item says beside: a role, a period; null: the field names one alone
        PrimaryKeyConstraint("entry", "number"),
        Index("relation_target", "target", "field", "entry", "number"),
    )


def _draft_relation(metadata: MetaData) -> Table:
    return Table(
        "draft_relation",
        metadata,
        Column("entry", Uuid, nullable=False),
        Column("field", Text, nullable=False),
        Column("target", Uuid, nullable=False),  # the entry that is named, once however often it is
        PrimaryKeyConstraint("entry", "field", "target"),
        Index("draft_relation_target", "target", "field", "entry"),
    )


def _mention(metadata: MetaData) -> Table:
    return Table(
        "mention",
        metadata,
        Column("entry", Uuid, nullable=False),
        Column("field", Text, nullable=False),  # body, translated_from or pictures
        Column("shown", Boolean, nullable=False),  # whether it is that of the revision that readers see
        Column("targets", ARRAY(Text), nullable=False),  # as `links` of a revision; else ids
        PrimaryKeyConstraint("entry", "field", "shown"),
        Index("mention_targets", "targets", postgresql_using="gin"),
    )


def _media(metadata: MetaData) -> Table:
    return Table(
        "media",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("file", Text, nullable=False),  # its name, which is the SHA-256 of its bytes and an ending
        Column("key", Text, nullable=False),  # where it is in storage
        Column("size", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("colour", Text),  # of all of it together; null: nobody knows
        Column("said", JSON, nullable=False),  # as the newest event that describes it
        Column("suppressed", Boolean, nullable=False),
        Column("registered", BigInteger, nullable=False),  # position at which it was
        Column("registered_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Index("media_file", "file"),  # several that were sent may be the same picture
        Index("media_registered", "registered", postgresql_where=text("not suppressed")),
    )
