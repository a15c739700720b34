"""Fields of text: a line, some lines, a text, and Markdown, of which the log keeps the hash as well."""

from typing import Annotated, Any, ClassVar

from events.base import IS_READ, Text, check_line, check_text
from events.content.checks import FieldError, check_length
from events.content.distinct import Distinct
from events.content.field import ColumnType, Field, Filter, ListColumn, described
from kit.alphabet import sort_key

MAX_MARKDOWN_CHARACTERS = 200_000
"""Characters of a Markdown text, unless its field says fewer."""

MAX_MARKDOWN_BYTES = 512 * 1024
"""Bytes of a Markdown text in UTF-8."""

MAX_SORTED = 300
"""Characters of a line that lists are sorted by: a cursor holds its key."""


class LineField(Field, frozen=True, kw_only=True):
    """One line: trimmed, composed, without what cannot be seen."""

    limit: int = 300
    """Characters at the most."""
    least: int = 0
    """Characters at the least."""

    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"any"})
    SORTS: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sorts and self.limit > MAX_SORTED:
            raise ValueError(f"{self.name}: lists are sorted by lines of at most {MAX_SORTED} characters")

    @property
    def empty(self) -> str:
        return ""

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        if not self.listed:
            return ()
        key = (ListColumn(f"{self.name}_key", "key"),) if self.sorts else ()
        return (ListColumn(self.name, "text"), *key)

    def row(self, value: Any) -> dict[str, Any]:
        if not self.listed:
            return {}
        return {self.name: value} | (
            {f"{self.name}_key": sort_key(value) if value else None} if self.sorts else {}
        )

    @property
    def sort_keys(self) -> tuple[str, ...]:
        return (f"{self.name}_key",)

    @property
    def _stored(self) -> Any:
        return Annotated[str, described(_lengths(self.least, self.limit))]

    @property
    def sample_of_type(self) -> Any:
        return self.label

    def check(self, value: Any) -> None:
        if not value:
            check_length(value, self.limit, self.least)
        super().check(value)

    def spelt(self, value: str) -> Any:
        return value

    def _check(self, value: str) -> None:
        check_length(value, self.limit)
        check_line(value, self.name)


class TextField(Field, frozen=True, kw_only=True):
    """A text of several lines."""

    limit: int = 2_000
    """Characters at the most."""

    COLUMN: ClassVar[ColumnType] = "text"

    @property
    def empty(self) -> str:
        return ""

    @property
    def _stored(self) -> Any:
        return Annotated[str, described(_lengths(0, self.limit))]

    @property
    def sample_of_type(self) -> Any:
        return self.label

    def _check(self, value: str) -> None:
        check_length(value, self.limit)
        check_text(value, self.name)


class MarkdownField(Field, frozen=True, kw_only=True):
    """A long text in CommonMark. The log keeps it whole; a change names the earlier one by its hash."""

    limit: int = MAX_MARKDOWN_CHARACTERS
    """Characters at the most."""

    @property
    def empty(self) -> Text:
        return NO_TEXT

    @property
    def _stored(self) -> Any:
        return Text

    @property
    def sample_of_type(self) -> Any:
        return f"{self.label}, with a [link](/articles/antonov-an-2)."

    def merged(self, _before: Any, given: Any) -> Any:
        return self.spelt(Text.of(given))

    def spelt(self, value: Text) -> Any:
        return {"text": value.text, "sha256": value.sha256}

    def is_empty(self, value: Any) -> bool:
        return value is None or value["sha256"] == NO_TEXT.sha256

    def _check(self, value: Text) -> None:
        if not IS_READ.get():
            check_length(value.text, self.limit)
            if len(value.text) * 4 > MAX_MARKDOWN_BYTES and len(value.text.encode()) > MAX_MARKDOWN_BYTES:
                raise FieldError(f"must have at most {MAX_MARKDOWN_BYTES:,} bytes")
        check_text(value.text, self.name)


class LinesField(Distinct, frozen=True, kw_only=True):
    """A list of lines, each of them once: tags, other names."""

    limit: int = 64
    """Characters of each at the most."""

    @property
    def sample_of_type(self) -> Any:
        return [self.label]

    @property
    def _one(self) -> Any:
        return Annotated[str, described(_lengths(1, self.limit))]

    def _check_one(self, one: str) -> None:
        check_length(one, self.limit, 1)
        check_line(one, "it")


NO_TEXT = Text.of("")
"""What a Markdown field holds when nobody has written anything."""


def _lengths(least: int, limit: int) -> dict[str, Any]:
    return ({"minLength": least} if least else {}) | {"maxLength": limit}
