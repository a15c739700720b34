"""What an entry has become: the fold of its events. Pure."""

from functools import cache
from typing import Any, Literal
from uuid import UUID

import msgspec

from events import entry as facts
from events.base import Event, Locale
from events.entry import Content
from events.local_entry import LocalCreated
from kit.meaning.kept import kept_name
from kit.meaning.values import Meaning
from write_side.aggregate import StreamState

Draft = Literal["none", "open", "submitted"]
Publication = Literal["none", "pinned", "archived"]


class State(StreamState, frozen=True, kw_only=True):
    """The working copy and the publication of an entry."""

    subject: UUID | None = None
    locale: Locale | None = None
    """Its language, which never changes; None, as is its subject, where an entry is for all languages."""
    slug: str
    content: dict[str, Any]
    """Fields as JSON values; of long texts only {"sha256"}. In one language: `translated_from` as well."""
    draft: Draft = "open"
    submitted: int | None = None
    publication: Publication = "none"
    pinned: int | None = None
    """The revision that readers see, when publication is "pinned"."""


def is_long(value: Any) -> bool:
    """Tell whether a JSON value stands for a long text."""
    return isinstance(value, dict) and "sha256" in value


def shortened(value: Any) -> Any:
    """Keep only the hash of a long text."""
    return {"sha256": value["sha256"]} if is_long(value) else value


def first_of(event: facts.Created) -> dict[str, Any]:
    """Return every field of the first revision as a JSON value, defaults included.

    In one language: `translated_from` as well.
    """
    values = {name: getattr(event.content, name) for name in event.content.__struct_fields__}
    if isinstance(event, LocalCreated):
        values[facts.SOURCE] = event.translated_from
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    return plain


def given_by(event: Event) -> dict[str, Any]:
    """Return the fields that an event sets as JSON values, long texts whole."""
    if isinstance(event, facts.Created):
        return first_of(event)
    return event.after() if isinstance(event, facts.Revised) else {}


def evolve(state: State | None, event: Event) -> State:  # noqa: C901 - one line for each fact
    """Return the state after one more event."""
    if isinstance(event, facts.Created):
        first = first_of(event)
        beside: dict[str, Any] = {}
        if isinstance(event, LocalCreated):
            beside = {"subject": event.subject, "locale": event.locale}
        return State(
            **beside,
            slug=event.slug,
            version=1,
            revision=1,
            content={name: shortened(value) for name, value in first.items()},
            changed_in=dict.fromkeys(first, 1),
        )
    if state is None:
        raise ValueError("a stream of an entry begins with its creation")
    change: dict[str, Any] = {"version": state.version + 1}
    match event:
        case facts.Revised():
            after = {name: shortened(value) for name, value in event.after().items()}
            change |= {
                "revision": event.revision,
                "content": state.content | after,
                "changed_in": state.changed_in | dict.fromkeys(after, state.version + 1),
            }
            if state.draft == "none":
                change["draft"] = "open"
        case facts.Submitted():
            change |= {"draft": "submitted", "submitted": event.revision}
        case facts.Withdrawn() | facts.Returned():
            change |= {"draft": "open", "submitted": None}
        case facts.Published():
            change |= {"publication": "pinned", "pinned": event.revision} | _draft_after(
                state, event.revision
            )
        case facts.Unpublished():
            change |= {"publication": "none", "pinned": None}
            if state.draft == "none":
                change["draft"] = "open"
        case facts.Archived():
            change |= {"publication": "archived", "pinned": None, "draft": "open", "submitted": None}
        case facts.Restored():
            change |= {"publication": "none"}
        case facts.Renamed():
            change["slug"] = event.after
        case _:
            raise ValueError(f"{event.TYPE} is not part of the life of an entry")
    return msgspec.structs.replace(state, **change)


def _draft_after(state: State, published: int) -> dict[str, Any]:
    if state.submitted is not None and state.submitted > published:
        return {"draft": "submitted", "submitted": state.submitted}
    return {"draft": "none" if published == state.revision else "open", "submitted": None}


@cache
def fingerprint(kind: str, content: type[Content]) -> str:
    """Name the code that folds entries of a kind: snapshots made by other code are ignored."""
    meaning = Meaning({"events", "kit", "write_side", content.__module__.partition(".")[0]}, {})
    return kept_name(f"state of entry {kind}", lambda: meaning.name(kind, State, evolve, content)[:16])
