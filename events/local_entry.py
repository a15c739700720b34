"""What the events of an entry that is in one language say beside: its subject, its locale, its original."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from events import entry
from events.base import Locale
from events.entry import SOURCE, Source


class LocalCreated(entry.Created, frozen=True, kw_only=True):
    """An entry exists in one language, with its first revision as an open draft."""

    subject: UUID
    """What it is about; entries of one subject in several languages are translations of each other."""
    locale: Locale
    translated_from: Source | None = None


class LocalRevised(entry.Revised, frozen=True, kw_only=True):
    """The content of an entry changed, or what it was translated from: one more revision."""

    translated_from: Source | UnsetType | None = UNSET
    """Left out: that of the revision before; null: none any more."""

    def changes(self) -> bool:
        return super().changes() or self.translated_from is not UNSET

    def after(self) -> dict[str, Any]:
        """Return what is new, as JSON values: fields of the content, and `translated_from`."""
        new = super().after()
        if self.translated_from is not UNSET:
            new[SOURCE] = msgspec.to_builtins(self.translated_from)
        return new


class LocalSubmitted(entry.Submitted, frozen=True, kw_only=True):
    """A revision of an entry waits for a moderator."""

    locale: Locale


class LocalPublished(entry.Published, frozen=True, kw_only=True):
    """Readers see this revision of an entry from now on."""

    locale: Locale
