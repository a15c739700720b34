"""Chooses events for one who follows the feed, by what he asked for and by what he may know."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from kit.auth.roles import Identity, Role, Scope
from read_side.feed.event import StreamEvent
from read_side.feed.reading import WantedEvents


class EventsAsked(Protocol):
    """Which events somebody asks for, by a query or with a webhook; what is empty or None chooses nothing."""

    @property
    def kind(self) -> Collection[str]: ...
    @property
    def type(self) -> Collection[str]: ...
    @property
    def entry(self) -> UUID | str | None: ...
    @property
    def locale(self) -> str | None: ...
    @property
    def tag(self) -> Collection[str]: ...


class EventChoice:
    """Chooses events for one who asks.

    Args:
        asked: for what.
        who: who asks; None: nobody has said.

    Attributes:
        public: only what anybody may know is told.
        any: all of that is.
        key: the same for all who are told the same.
    """

    def __init__(self, asked: EventsAsked, who: Identity | None) -> None:
        self.public = who is None or not who.may(Role.EDITOR, Scope.STREAM)
        self._admin = who is not None and Role.ADMIN in who.roles
        self._kinds, self._types = frozenset(asked.kind), frozenset(asked.type)
        self._entry: UUID | None = None if asked.entry is None else UUID(str(asked.entry))
        self._locale, self._tags = asked.locale, frozenset(asked.tag)
        chooses = self._kinds or self._types or self._tags or asked.entry or asked.locale
        self.any = not chooses and (self.public or self._admin)
        self.key = (
            self.public, self._admin, self._kinds, self._types, self._entry, self._locale, self._tags,
        )  # fmt: skip

    @property
    def wanted(self) -> WantedEvents:
        """What of it the database can choose by."""
        return WantedEvents(tuple(self._types) or None, tuple(self._kinds) or None, self._entry)

    def takes(self, event: StreamEvent) -> bool:
        """Tell whether it is to be told; what happens to accounts is for admins."""
        told = event.data
        return (
            (not self._kinds or told.kind in self._kinds)
            and (not self._types or event.type in self._types)
            and (self._entry is None or told.entry == self._entry)
            and (self._locale is None or told.locale == self._locale or told.gone)
            and (not self._tags or self._tags.issubset(told.tags) or told.gone)
            and (self._admin or told.kind != "account")
        )
