"""The life that every kind of entry shares, as events; a kind adds its content."""

from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from events.base import IS_READ, Event, Text, check_line, check_text
from events.slug import Slug, check_slug
from kit.ids import named_id

Locale = Literal["ru", "en"]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Summary = Annotated[str, msgspec.Meta(max_length=2_000, extra={"form": "text"})]
"""Several lines; a field of type str without this mark is a line."""

Revision = Annotated[int, msgspec.Meta(ge=1)]

MAX_BODY_CHARACTERS = 200_000
MAX_BODY_BYTES = 512 * 1024


def entry_stream(kind: str, subject: UUID, locale: str) -> UUID:
    """Return an entry's id and stream: named by its subject and locale, so that there is only one of each."""
    return named_id("entry", kind, str(subject), locale)


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What editors write; a kind of entry subclasses it with its fields.

    The constructor applies the limits in the annotations: msgspec.ValidationError or ValueError.
    """

    title: Title

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value or name == "title":
                plain = value if isinstance(value, str) else msgspec.to_builtins(value)
                self.admit(name, plain)

    @classmethod
    def admit(cls, field: str, value: Any) -> Any:
        """Return the JSON value of a field in the field's type.

        Raises:
            ValueError: when the field may never hold it (msgspec.ValidationError is one).
        """
        typed = msgspec.convert(value, _field_types(cls)[field])
        if isinstance(typed, str):
            (check_text if field in _texts(cls) else check_line)(typed, field)
        elif isinstance(typed, Text):
            _check_body(typed, field)
        elif isinstance(typed, tuple):
            names = [item for item in typed if isinstance(item, str)]
            for name in names:
                check_line(name, field)
            if len(set(names)) != len(names) and not IS_READ.get():
                raise ValueError(f"{field} has an item twice")
        return typed

    @classmethod
    def long_fields(cls) -> frozenset[str]:
        """Return the names of the fields that hold a long text."""
        return _long_fields(cls)


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
    subject: UUID
    locale: Locale
    slug: Slug
    content: Any
    translated_from: Source | None = None

    def __post_init__(self) -> None:
        check_slug(self.slug)


class Revised(Event, frozen=True, kw_only=True):
    """The content changed: one more revision."""

    CONTENT: ClassVar[type[Content]] = Content
    revision: Revision
    changed: dict[str, Change]
    reverts: Revision | None = None
    """The earlier revision whose content this one restores."""
    translated_from: Source | UnsetType | None = UNSET
    """Left out: that of the revision before; null: none any more."""

    def __post_init__(self) -> None:
        if not self.changed and self.translated_from is UNSET:
            raise ValueError("a revision changes something")
        for name, change in self.changed.items():
            if name not in self.CONTENT.__struct_fields__:
                raise ValueError("a revision changes a field that the kind does not have")
            self.CONTENT.admit(name, change.after)

    def after(self) -> dict[str, Any]:
        """Return what is new, as JSON values: fields of the content, and `translated_from`."""
        new = {name: change.after for name, change in self.changed.items()}
        if self.translated_from is not UNSET:
            new[SOURCE] = msgspec.to_builtins(self.translated_from)
        return new


class Submitted(Event, frozen=True, kw_only=True):
    """A revision waits for a moderator."""

    revision: Revision
    title: str
    slug: Slug
    locale: Locale
    summary: str


class Published(Event, frozen=True, kw_only=True):
    """Readers see this revision from now on."""

    revision: Revision
    title: str
    slug: Slug
    locale: Locale
    summary: str
    forced: bool = False
    """Published although it was not the submitted revision; the reason says why."""


class Withdrawn(Event, frozen=True, kw_only=True):
    """The editor took the submission back."""


class Returned(Event, frozen=True, kw_only=True):
    """A moderator sent the submission back."""

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


@cache
def _field_types(cls: type[Content]) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _check_body(value: Text, field: str) -> None:
    check_text(value.text, field)
    if len(value.text) > MAX_BODY_CHARACTERS:
        raise ValueError(f"{field} is longer than {MAX_BODY_CHARACTERS} characters")
    if len(value.text) * 4 > MAX_BODY_BYTES and len(value.text.encode()) > MAX_BODY_BYTES:
        raise ValueError(f"{field} is longer than {MAX_BODY_BYTES} bytes")


@cache
def _texts(cls: type[Content]) -> frozenset[str]:
    marks = {name: getattr(type_, "__metadata__", ()) for name, type_ in _field_types(cls).items()}
    return frozenset(
        name
        for name, found in marks.items()
        if any((getattr(one, "extra", None) or {}).get("form") == "text" for one in found)
    )


@cache
def _long_fields(cls: type[Content]) -> frozenset[str]:
    return frozenset(name for name, type_ in _field_types(cls).items() if type_ is Text)
