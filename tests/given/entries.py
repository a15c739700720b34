"""Entries of any kind in a log: each step is decided by the rules that commands follow."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from events.base import Event, Locale
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.entry import entry_stream
from events.kind import Kind
from events.slug import SlugClaimed, SlugReleased, slug_stream
from kit.ids import named_id
from tests.projections.lives import Log
from write_side.entry import lifecycle
from write_side.entry.kind import EntryKind
from write_side.entry.state import State, evolve

NEEDED: dict[str, dict[str, Any]] = {
    "article": {"summary": "s", "body": "text", "sources": [{"title": "t"}]},
    "museum": {"flagship": "tu-144", "founded": "unknown"},
}
"""What an entry of a kind has to have before it is published."""


class Entry:
    """One entry of a log; each method is one command on it."""

    def __init__(
        self,
        log: Log,
        kind: Kind,
        slug: str,
        *,
        locale: Locale | None = None,
        subject: UUID | None = None,
        **content: Any,
    ) -> None:
        self.log = log
        self.kind = kind
        self.locale = locale
        self._kind = EntryKind.of(kind)
        beside: dict[str, Any] = {}
        self.id = named_id("entry of a test", kind.name, slug, str(len(log.events)))
        if kind.localized:
            subject = subject or named_id("subject", slug, str(len(log.events)))
            assert locale is not None
            self.id = entry_stream(kind.name, subject, locale)
            beside = {"subject": subject, "locale": locale}
        self.slugs: set[str] = set()
        values = self._values({"title": slug.title()} | NEEDED.get(kind.name, {}) | content)
        created = kind.life.created(slug=slug, content=msgspec.convert(values, kind.content), **beside)
        self._claim(slug)
        log.add(self.id, created)
        self.state: State = evolve(None, created)

    @property
    def slug(self) -> str:
        return self.state.slug

    @property
    def path(self) -> str:
        """Where it is, whatever others there are."""
        return f"/v1/{self.kind.path}/{self.address}"

    @property
    def bare(self) -> str:
        """Its path without a language."""
        return f"/v1/{self.kind.path}/{self.slug}"

    @property
    def address(self) -> str:
        return f"{self.locale}:{self.slug}" if self.locale else self.slug

    def revise(self, **content: Any) -> None:
        self._done(lifecycle.revise(self._kind, self.state, self._values(content)))

    def publish(self, **content: Any) -> "Entry":
        """Show readers the newest revision, with these changes."""
        if content:
            self.revise(**content)
        state = self.state
        self._done(
            lifecycle.publish(self._kind, state, state.revision, state.content, force=True, reason="so")
        )
        return self

    def unpublish(self) -> None:
        self._done(lifecycle.unpublish(self._kind, self.state))

    def archive(self) -> None:
        self._done(lifecycle.archive(self._kind, self.state))

    def restore(self) -> None:
        self._done(lifecycle.restore(self._kind, self.state))

    def rename(self, slug: str) -> None:
        events = lifecycle.rename(self._kind, self.state, slug, moderates=True)
        if slug not in self.slugs:
            self._claim(slug)
        self._done(events)

    def release(self, slug: str) -> None:
        """Free a former slug."""
        assert slug != self.slug
        self.slugs.remove(slug)
        self._add_slug(SlugReleased, slug)

    def _claim(self, slug: str) -> None:
        self.slugs.add(slug)
        self._add_slug(SlugClaimed, slug)

    def _add_slug(self, cls: Any, slug: str) -> None:
        event = cls(kind=self.kind.name, locale=self.locale, slug=slug, owner=self.id)
        self.log.add(slug_stream(self.kind.name, self.locale, slug), event)

    def _values(self, content: dict[str, Any]) -> dict[str, Any]:
        before = self.state.content if hasattr(self, "state") else {}
        return self.kind.kept(before, {name: self._worded(name, value) for name, value in content.items()})

    def _worded(self, name: str, value: Any) -> Any:
        """Return a line as English, where a field has it in several languages."""
        several = isinstance(self.kind.content.FIELDS[name], LocalizedLineField | LocalizedTextField)
        return {"en": value} if several and isinstance(value, str) else value

    def _done(self, events: Iterable[Event]) -> None:
        for event in events:
            self.log.add(self.id, event)
            self.state = evolve(self.state, event)
