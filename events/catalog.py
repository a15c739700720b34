"""Every class of event ever stored, listed by hand, and every upcaster."""

from collections.abc import Callable
from typing import Any

from events import article, slug
from events.base import Event

type Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the stored payload of schema n into that of schema n + 1."""

EVENTS: tuple[type[Event], ...] = (*article.EVENTS, *slug.EVENTS)

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(stored type, schema that is read) → upcaster; each kind lists its own at the bottom of its file."""
