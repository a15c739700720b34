"""The commands that every kind of entry shares: each is a request body, followed by its handler."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from events import entry as facts
from events.base import Text
from events.entry import Locale, entry_stream
from kit.errors import Problem
from kit.http.requests.body import Body
from kit.http.requests.text import CleanLine, CleanText, Id
from kit.ids import new_id, spells_an_id
from write_side import slugs
from write_side.bus import Bus
from write_side.call import Call, Receipt
from write_side.entry import lifecycle
from write_side.entry.kind import Kind
from write_side.entry.revisions import Moment, content_of, state_at
from write_side.entry.translation import RevisionNumber, TranslatedFrom, source_of
from write_side.log.append import Conflict

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def _no_id(slug: str) -> str:
    if spells_an_id(slug):
        raise PydanticCustomError("our_slug", "must not be spelt like an id")
    return slug


SlugText = Annotated[
    CleanLine,
    StringConstraints(min_length=1, max_length=120, pattern=SLUG),
    AfterValidator(_no_id),
]


class Command(Body):
    """What every command may carry."""

    reason: Annotated[CleanLine, StringConstraints(max_length=500)] = ""
    """The edit summary, kept with the event."""


class CreateEntry(Command):
    """Make an entry; a kind adds its content."""

    locale: Locale
    subject: Id | None = None
    """What the entry is about, shared with its translations; left out: a new subject."""
    slug: SlugText | None = None
    """Left out: made from the title."""
    translated_from: TranslatedFrom | None = None


async def create(bus: Bus, kind: Kind, call: Call, body: CreateEntry) -> Receipt:
    """Create an entry and claim its slug, both or neither."""
    content = msgspec.convert(_content(kind, body), kind.content)
    subject = body.subject or new_id()
    stream = entry_stream(kind.name, subject, body.locale)
    source = await source_of(bus, kind, body.locale, body.translated_from)
    slug = body.slug or slugs.slug_from(content.title)
    created = kind.created(
        subject=subject,
        locale=body.locale,
        slug=slug,
        content=content,
        translated_from=source,
    )
    claim = await slugs.claim(bus.streams, kind.name, slug, stream)
    try:
        return await bus.append(kind, stream, call, None, [created], [claim])
    except Conflict as conflict:
        if conflict.claim == 0:
            raise lifecycle.refusal(
                "entry-exists", "The subject has an entry in this locale already.", id=str(stream)
            ) from None
        raise _slug_race() from None


class ReviseEntry(Command):
    """Change some fields of an entry; a kind adds its content, all of it optional."""

    translated_from: TranslatedFrom | None = None
    """Left out: as before; null: none any more."""


async def revise(bus: Bus, kind: Kind, call: Call, id_: UUID, body: ReviseEntry) -> Receipt:
    """Make a new revision with the fields that are given."""
    state = await bus.entry(kind, id_, call)
    wanted = _content(kind, body)
    if facts.SOURCE in body.model_fields_set:
        source = await source_of(bus, kind, state.locale, body.translated_from)
        wanted[facts.SOURCE] = msgspec.to_builtins(source)
    return await bus.append(kind, id_, call, state, lifecycle.revise(kind, state, wanted))


class Revert(Command):
    """Make an earlier revision the newest one."""

    revision: RevisionNumber


async def revert(bus: Bus, kind: Kind, call: Call, id_: UUID, body: Revert) -> Receipt:
    """Make a new revision with the content of an earlier one; 422 where a later rule refuses that."""
    state = await bus.entry(kind, id_, call)
    if body.revision > state.revision:
        raise lifecycle.no_such_revision(state)
    earlier = await state_at(bus.streams, kind, id_, Moment(body.revision))
    content = await content_of(bus.streams, id_, earlier or state)
    try:
        events = lifecycle.revise(kind, state, content, reverts=body.revision)
    except ValueError as error:
        place = {"pointer": "/revision", "detail": f"holds what may not be stored any more: {error}"}
        raise Problem(
            422, "invalid", "That revision is older than a rule that it breaks.", errors=[place]
        ) from error
    return await bus.append(kind, id_, call, state, events)


async def submit(bus: Bus, kind: Kind, call: Call, id_: UUID) -> Receipt:
    """Ask for the newest revision to be published."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.submit(kind, state))


async def withdraw(bus: Bus, kind: Kind, call: Call, id_: UUID) -> Receipt:
    """Take the submission back."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.withdraw(kind, state))


class Return(Command):
    """Send a submission back to its editor."""

    comment: Annotated[CleanText, StringConstraints(min_length=1, max_length=2_000)]


async def give_back(bus: Bus, kind: Kind, call: Call, id_: UUID, body: Return) -> Receipt:
    """Return the submission with a comment."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.give_back(kind, state, body.comment))


class Publish(Command):
    """Show one revision to readers."""

    revision: RevisionNumber
    """The revision that the moderator has read."""
    force: bool = False
    """Publish it although it is not the submitted one; needs a reason."""


async def publish(bus: Bus, kind: Kind, call: Call, id_: UUID, body: Publish) -> Receipt:
    """Publish a revision."""
    state = await bus.entry(kind, id_, call)
    content = state.content
    if body.revision < state.revision:
        earlier = await state_at(bus.streams, kind, id_, Moment(body.revision))
        content = (earlier or state).content
    events = lifecycle.publish(kind, state, body.revision, content, force=body.force, reason=body.reason)
    return await bus.append(kind, id_, call, state, events)


async def unpublish(bus: Bus, kind: Kind, call: Call, id_: UUID) -> Receipt:
    """Hide the entry from readers."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.unpublish(kind, state))


async def archive(bus: Bus, kind: Kind, call: Call, id_: UUID) -> Receipt:
    """Put the entry away."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.archive(kind, state))


async def restore(bus: Bus, kind: Kind, call: Call, id_: UUID) -> Receipt:
    """Take the entry out of the archive."""
    state = await bus.entry(kind, id_, call)
    return await bus.append(kind, id_, call, state, lifecycle.restore(kind, state))


class Rename(Command):
    """Give an entry another slug."""

    slug: SlugText


async def rename(bus: Bus, kind: Kind, call: Call, id_: UUID, body: Rename) -> Receipt:
    """Claim the new slug and take it into use, both or neither; the former one goes on leading here.

    While the entry is published, this is a moderator's.
    """
    state = await bus.entry(kind, id_, call)
    events = lifecycle.rename(kind, state, body.slug, moderates=call.moderates)
    if not events:
        return await bus.append(kind, id_, call, state, events)
    claim = await slugs.claim(bus.streams, kind.name, body.slug, id_)
    try:
        return await bus.append(kind, id_, call, state, events, [claim])
    except Conflict:
        raise _slug_race() from None


async def release_slug(bus: Bus, kind: Kind, call: Call, id_: UUID, slug: str) -> Receipt:
    """Free a former slug of an entry for others."""
    state = await bus.entry(kind, id_, call)
    if slug == state.slug:
        raise lifecycle.refusal("slug-in-use", "The entry goes by this slug; rename it first.")
    claim = await slugs.release(bus.streams, kind.name, slug, id_)
    try:
        return await bus.append(kind, id_, call, state, [], [claim])
    except Conflict:
        raise _slug_race() from None


def _content(kind: Kind, body: Command) -> dict[str, Any]:
    """Return the content fields that a body gives, as JSON values, checked by the events' own limits."""
    names = body.model_fields_set.intersection(kind.content.__struct_fields__)
    values = body.model_dump(mode="json", include=names)
    for name in kind.long_fields & names:
        values[name] = msgspec.to_builtins(Text.of(values[name]))
    try:
        for name, value in values.items():
            kind.content.admit(name, value)
    except ValueError as error:
        place = {"pointer": f"/{name}", "detail": str(error).removeprefix(f"{name} ")}
        raise Problem(422, "invalid", "A field holds what it never may.", errors=[place]) from error
    return values


def _slug_race() -> Problem:
    return Problem(
        409, "slug-taken", "Somebody else claimed the slug just now.", headers={"Retry-After": "1"}
    )
