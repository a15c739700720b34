"""What is particular to articles among the entries: their events and what readers need. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from events import article
from write_side.entry.kind import Kind, Shortfall
from write_side.entry.state import EMPTY_TEXT


def has_what_readers_need(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    """A published article has a summary, a body and at least one source."""
    if not content.get("summary"):
        yield "summary", "is needed before publication"
    if content["body"]["sha256"] == EMPTY_TEXT:
        yield "body", "is needed before publication"
    if not content.get("sources"):
        yield "sources", "at least one source is needed before publication"


ARTICLE = Kind.of("article", "articles", article.EVENTS, rules=(has_what_readers_need,))
