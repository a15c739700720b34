"""Lives of articles to test with: a log in memory, and short words for each step."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from events.base import Client, Event, Meta, Recorded, Text
from events.entry import Change, Source, entry_stream
from events.kinds.article import ARTICLE
from events.slug import SlugClaimed, SlugReleased, slug_stream
from kit.ids import named_id, new_id

DAWN = datetime(2026, 3, 1, tzinfo=UTC)
EDITOR = named_id("account", "editor")


class Log:
    """Events in order, one second apart."""

    def __init__(self) -> None:
        self.events: list[Recorded[Any]] = []
        self._versions: dict[UUID, int] = {}

    def add(self, stream: UUID, event: Event, reason: str = "", client: Client = "api") -> Recorded[Any]:
        """Record one more event."""
        position = len(self.events) + 1
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        at = DAWN + timedelta(seconds=position)
        meta = Meta(actor=EDITOR, command=named_id("command", str(position)), client=client, reason=reason)
        self.events.append(Recorded(position, stream, version, new_id(), at, meta, event))
        return self.events[-1]


class Article:
    """One article of a log; each method is one step of its life."""

    def __init__(
        self,
        log: Log,
        slug: str,
        *,
        locale: Any = "en",
        subject: UUID | None = None,
        translated_from: Source | None = None,
        **content: Any,
    ) -> None:
        self.log = log
        self.slug = slug
        self.subject = subject or named_id("subject", slug)
        self.locale = locale
        self.id = entry_stream("article", self.subject, locale)
        self.revision = 1
        self.content: dict[str, Any] = {"title": slug.title()} | content
        if isinstance(content.get("body"), str):
            self.content["body"] = Text.of(content["body"])
        self.claim(slug)
        log.add(
            self.id,
            ARTICLE.life.created(
                subject=self.subject,
                locale=locale,
                slug=slug,
                content=ARTICLE.content(**self.content),
                translated_from=translated_from,
            ),
        )

    def claim(self, slug: str) -> None:
        self.log.add(slug_stream("article", self.locale, slug), SlugClaimed(slug=slug, **self._owner))

    def release(self, slug: str) -> None:
        self.log.add(slug_stream("article", self.locale, slug), SlugReleased(slug=slug, **self._owner))

    def revise(self, *, reverts: int | None = None, reason: str = "", **after: Any) -> Recorded[Any]:
        self.revision += 1
        changed = {}
        for name, value in after.items():
            plain = value
            if name == "body":
                text = Text.of(value)
                plain = {"text": text.text, "sha256": text.sha256}
            changed[name] = Change(before=None, after=plain)
        event = ARTICLE.life.revised(revision=self.revision, changed=changed, reverts=reverts)
        self.content |= after
        return self.log.add(self.id, event, reason)

    def submit(self, revision: int | None = None) -> Recorded[Any]:
        return self.log.add(
            self.id, ARTICLE.life.submitted(revision=revision or self.revision, **self._head())
        )

    def publish(self, revision: int | None = None) -> Recorded[Any]:
        return self.log.add(
            self.id, ARTICLE.life.published(revision=revision or self.revision, **self._head())
        )

    def rename(self, slug: str) -> Recorded[Any]:
        self.claim(slug)
        before, self.slug = self.slug, slug
        return self.log.add(self.id, ARTICLE.life.renamed(before=before, after=slug))

    def give_back(self, comment: str) -> Recorded[Any]:
        return self.log.add(self.id, ARTICLE.life.returned(comment=comment))

    def step(self, event: type[Event]) -> Recorded[Any]:
        """Add an event that says nothing more: withdrawn, unpublished, archived, restored."""
        return self.log.add(self.id, event())

    @property
    def _owner(self) -> dict[str, Any]:
        return {"kind": "article", "locale": self.locale, "owner": self.id}

    def _head(self) -> dict[str, Any]:
        return {"title": self.content["title"], "slug": self.slug, "locale": self.locale, "summary": ""}
