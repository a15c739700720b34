"""The life that every kind of entry shares, as events; a kind adds its content."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from events.base import IS_READ, Event, Locale, check_text
from events.content.checks import FieldError
from events.content.field import Field
from events.slug import Slug, check_slug
from kit.ids import named_id

Revision = Annotated[int, msgspec.Meta(ge=1)]


def entry_stream(kind: str, subject: UUID, locale: Locale) -> UUID:
    """Return the id and stream of an entry that is in one language.

    It is named by its subject and its locale, so that there is only one of each.
    """
    return named_id("entry", kind, str(subject), locale)


def identified_stream(kind: str, identity: Iterable[str]) -> UUID:
    """Return the id and stream of an entry of a kind whose entries are known by some of their values.

    Args:
        kind: such as "term".
        identity: those values, such as a vocabulary and a code, which never change.
    """
    return named_id("entry", kind, *identity)


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What editors write in an entry.

    `events.kind.Kind` makes a subclass of the fields of each kind. The constructor applies their rules:
    FieldError, with a pointer.
    """

    FIELDS: ClassVar[Mapping[str, Field]] = {}
    """Name → field, in the order of the declaration."""

    READ: ClassVar[Mapping[str, Field]] = {}
    """Those of them whose values are checked when they are read as well."""

    def __post_init__(self) -> None:
        if IS_READ.get():  # the decoder has seen to the types
            for name, field in self.READ.items():
                self._check(name, field, getattr(self, name))
            return
        for name in self.FIELDS:
            value = getattr(self, name)
            self.admit(name, value if isinstance(value, str) else msgspec.to_builtins(value))

    @classmethod
    def admit(cls, name: str, value: Any) -> Any:
        """Return the JSON value of a field in the field's type.

        Raises:
            FieldError: when the field may never hold it.
        """
        field = cls.FIELDS[name]
        try:
            typed = field.typed(value)
        except FieldError as error:
            raise FieldError(error.detail, f"/{name}") from error
        if name in cls.READ or not IS_READ.get():
            cls._check(name, field, typed)
        return typed

    @classmethod
    def _check(cls, name: str, field: Field, value: Any) -> None:
        try:
            field.check(value)
        except FieldError as error:
            raise FieldError(error.detail, f"/{name}{error.pointer}") from error
        if not IS_READ.get() and not cls.FIELDS.keys() >= field.names_fields(value):
            raise FieldError("names a field that there is not", f"/{name}")


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a revision, as JSON values; of a long text the earlier one is only its hash."""

    before: Any
    after: Any


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A revision of another entry that this one was translated from."""

    entry: UUID
    revision: Revision

    def __post_init__(self) -> None:
        if self.revision < 1:
            raise ValueError("revisions are counted from 1")


SOURCE = "translated_from"
"""Name under which a revision says what it was translated from; that belongs to it like its content."""


class Created(Event, frozen=True, kw_only=True):
    """An entry exists, with its first revision as an open draft."""

    CONTENT: ClassVar[type[Content]] = Content
    slug: Slug
    content: Any

    def __post_init__(self) -> None:
        check_slug(self.slug)


class Revised(Event, frozen=True, kw_only=True):
    """The content of an entry changed: one more revision."""

    CONTENT: ClassVar[type[Content]] = Content
    revision: Revision
    changed: dict[str, Change]
    reverts: Revision | None = None
    """The earlier revision whose content this one restores."""

    def __post_init__(self) -> None:
        if not self.changes():
            raise ValueError("a revision changes something")
        for name, change in self.changed.items():
            if name not in self.CONTENT.FIELDS:
                raise ValueError("a revision changes a field that the kind does not have")
            self.CONTENT.admit(name, change.after)

    def changes(self) -> bool:
        """Tell whether anything is new."""
        return bool(self.changed)

    def after(self) -> dict[str, Any]:
        """Return what is new, as JSON values by name."""
        return {name: change.after for name, change in self.changed.items()}


class Submitted(Event, frozen=True, kw_only=True):
    """A revision of an entry waits for a moderator."""

    revision: Revision
    title: Any
    """In one language a line; else in each language that it has."""
    slug: Slug
    summary: Any
    """In the same form as the title."""


class Published(Event, frozen=True, kw_only=True):
    """Readers see this revision of an entry from now on."""

    revision: Revision
    title: Any
    """In one language a line; else in each language that it has."""
    slug: Slug
    summary: Any
    """In the same form as the title."""
    forced: bool = False
    """Published although it was not the submitted revision, or contradicted others; the reason says why."""


class Withdrawn(Event, frozen=True, kw_only=True):
    """The editor took the submission of an entry back."""


class Returned(Event, frozen=True, kw_only=True):
    """A moderator sent the submission of an entry back."""

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]

    def __post_init__(self) -> None:
        check_text(self.comment, "comment")
        if not self.comment:
            raise ValueError("a comment says something")


class Unpublished(Event, frozen=True, kw_only=True):
    """Readers no longer see the entry."""


class Archived(Event, frozen=True, kw_only=True):
    """The entry is put away; it keeps its slugs."""


class Restored(Event, frozen=True, kw_only=True):
    """The entry is back from the archive, unpublished."""


class Renamed(Event, frozen=True, kw_only=True):
    """The entry has another slug; the former one goes on leading to it."""

    before: Slug
    after: Slug

    def __post_init__(self) -> None:
        check_slug(self.after)
