"""What a record does to an entry: from its state and what the source says to events, or a refusal. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from pydantic import ValidationError

from events.base import Event
from events.content.checks import FieldError
from events.forms.models import plain
from kit.errors import Problem
from write_side.entry import lifecycle
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.state import State, evolve
from write_side.importing.record import Record, SetAside

MOST_TOLD = 3
"""Places of a record of which a refusal tells."""


NOT_SHOWN = "is there as a draft, and not published"


class RecordDone(NamedTuple):
    """What a record does to its entry."""

    events: list[Event]
    after: State
    lacks: str = ""
    """Why readers do not see it although those of the source do; empty: they do, or it was not wanted."""


def content_of(kind: EntryKind, state: State | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record as JSON values as they are stored.

    Args:
        kind: of the entry.
        state: what the entry is; None: it is to be made.
        fields: as in the body of a command; what is left out stays as it is.

    Raises:
        SetAside: the rules of the kind refuse it; with pointers, never with what it says.
    """
    beside = {"locale": "en"} if state is None and kind.declared.localized else {}
    body = create_body(kind.declared) if state is None else revise_body(kind.declared)
    if unknown := fields.keys() - kind.content.FIELDS.keys():
        raise SetAside(f"has {len(unknown)} fields that this kind does not have")
    try:
        said = body.model_validate({**fields, **beside})
        given = {name: plain(getattr(said, name)) for name in fields}
        return kind.declared.kept(state.content if state else {}, given)
    except ValidationError as error:
        raise SetAside(_told(error)) from None
    except FieldError as error:
        raise SetAside(f"{error.pointer}: {error.detail}") from None


def wishes(kind: EntryKind, state: State | None, record: Record, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return slugs or titles of which the slug of an entry can be made; none: it stays as it is.

    Raises:
        SetAside: a new entry lacks its title.
    """
    if record.slug:
        return (record.slug,)
    if state is not None:
        return ()
    return kind.declared.slug_sources(_new(kind, given))


def _new(kind: EntryKind, given: Mapping[str, Any]) -> Any:
    try:
        return msgspec.convert(given, kind.content)
    except ValueError as error:
        raise SetAside(str(error)) from None


def decide(
    kind: EntryKind,
    state: State | None,
    record: Record,
    given: Mapping[str, Any] | None,
    slug: str,
    subject: UUID | None,
    lacks: str = "",
) -> RecordDone:
    """Return what a record does to its entry.

    Args:
        kind: of the entry.
        state: what the entry is; None: it is to be made, and the record has fields.
        record: the record.
        given: its fields as `content_of` returns them; None: the entry is gone there.
        slug: under which it shall be found.
        subject: what it is about, of a kind in one language.
        lacks: why readers must not see it with the pictures that it has; empty: they may.

    Raises:
        SetAside: the rules refuse it.
    """
    identity = tuple((given or {}).get(name, "") for name in kind.declared.identity)
    if given is not None and identity and (state is None or any(identity)):
        whole = {**(state.content if state else {}), **given}
        if "/".join(str(whole[name]) for name in kind.declared.identity if name in whole) != record.key:
            raise SetAside(f"is known by another key: {'/'.join(kind.declared.identity)}")
    try:
        if state is None:
            beside = {"subject": subject, "locale": record.locale} if kind.declared.localized else {}
            content = _new(kind, given or {})
            events: list[Event] = [kind.life.created(slug=slug, content=content, **beside)]
            state = evolve(None, events[0])
        elif given is None:
            return RecordDone(*_folded(state, lifecycle.archive(kind, state)))
        else:
            events, state = _folded(state, lifecycle.restore(kind, state))
            renamed, state = _folded(state, lifecycle.rename(kind, state, slug, moderates=True))
            revised, state = _folded(state, lifecycle.revise(kind, state, given))
            events += renamed + revised
    except Problem as refused:
        raise SetAside(refused.title) from None
    except ValueError as error:
        raise SetAside(str(error)) from None
    if not record.publish:
        return RecordDone(events, state)
    try:
        published, state = _shown(kind, state, lacks)
    except SetAside as refused:
        return RecordDone(events, state, str(refused))
    return RecordDone(events + published, state)


def _shown(kind: EntryKind, state: State, lacks: str) -> tuple[list[Event], State]:
    """Return what shows readers the newest revision, and what the entry is then.

    Raises:
        SetAside: it lacks what readers need; it stays a draft.
    """
    if state.publication == "pinned" and state.pinned == state.revision:
        return [], state
    if lacks:
        raise SetAside(f"{NOT_SHOWN}: {lacks}")
    try:
        submitted, state = _folded(state, lifecycle.submit(kind, state))
        published, state = _folded(
            state, lifecycle.publish(kind, state, state.revision, state.content, force=False, reason="")
        )
    except Problem as refused:
        lacks = "; ".join(f"{one['pointer']}: {one['detail']}" for one in refused.errors[:MOST_TOLD])
        raise SetAside(f"{NOT_SHOWN}: {lacks or refused.title}") from None
    return [*submitted, *published], state


def _folded(state: State, events: list[Event]) -> tuple[list[Event], State]:
    for event in events:
        state = evolve(state, event)
    return events, state


def _told(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = [f"/{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:MOST_TOLD]]
    more = len(found) - MOST_TOLD
    return "; ".join(places) + (f"; and {more} more" if more > 0 else "")
