"""The commands that every kind of entry shares: each is a request body, followed by its handler."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from events import entry as facts
from events.base import Locale
from events.content.checks import FieldError
from events.entry import entry_stream, identified_stream
from events.forms.models import plain
from kit.errors import Problem
from kit.http.requests.text import CleanLine, CleanText, Id
from kit.ids import new_id, spells_an_id
from write_side import slugs
from write_side.aggregate import StreamClaim
from write_side.command import Command, Why
from write_side.entry import lifecycle
from write_side.entry.across import judge, told
from write_side.entry.kind import EntryKind
from write_side.entry.names import with_names
from write_side.entry.pictures import pictures_as_they_are
from write_side.entry.translation import RevisionNumber, TranslatedFrom, source_of
from write_side.entry.work import EntryWork
from write_side.problem_types import ENTRY_EXISTS, INVALID, SLUG_IN_USE
from write_side.receipt import Receipt

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


class CreateEntry(Command):
    """Make an entry; a kind adds its content."""

    slug: SlugText | None = None
    """Left out: made from the title."""


class CreateLocalEntry(CreateEntry):
    """Make an entry in one language."""

    locale: Locale
    subject: Id | None = None
    """What the entry is about, shared with its translations; left out: a new subject."""
    translated_from: TranslatedFrom | None = None


async def create(work: EntryWork, body: CreateEntry) -> Receipt:
    """Make an entry; its first revision is an open draft that no reader sees."""
    kind = work.aggregate
    given = _content(kind, body, {})
    if kind.group is not None:
        kind.group.join(given)
    return await with_names(work, {}, given, lambda terms: _created(work, body, given, terms))


async def _created(
    work: EntryWork, body: CreateEntry, given: Mapping[str, Any], terms: Sequence[StreamClaim]
) -> Receipt:
    """Store a new entry; the terms that it names must be as they were."""
    kind = work.aggregate
    content = msgspec.convert(given, kind.content)
    stream, locale, beside = work.call.entry or new_id(), None, {}
    if kind.declared.identity:
        stream = identified_stream(kind.name, _identity(kind, content))
    if isinstance(body, CreateLocalEntry):
        subject, locale = body.subject or new_id(), body.locale
        stream = entry_stream(kind.name, subject, locale)
        source = await source_of(work, locale, body.translated_from)
        beside = {"subject": subject, "locale": locale, facts.SOURCE: source}
    slug = body.slug or slugs.slug_from(*kind.declared.slug_sources(content))
    created = kind.life.created(slug=slug, content=content, **beside)
    exists = lifecycle.refusal(ENTRY_EXISTS, id=str(stream))
    claim = await slugs.claim(work, slug, stream, locale=locale)
    return await work.begin(stream, created, exists=exists, claims=[claim, *terms])


class ReviseEntry(Command):
    """Change some fields of an entry; a kind adds its content, all of it optional."""


class ReviseLocalEntry(ReviseEntry):
    """Change some fields of an entry in one language, or what it was translated from."""

    translated_from: TranslatedFrom | None = None
    """Left out: as before; null: none any more."""


async def revise(work: EntryWork, body: ReviseEntry) -> Receipt:
    """Change the fields that are given: one more revision."""
    kind, state = work.aggregate, await work.state()
    given, beside = _content(kind, body, state.content), {}
    if isinstance(body, ReviseLocalEntry) and facts.SOURCE in body.model_fields_set:
        source = await source_of(work, state.locale, body.translated_from)
        beside[facts.SOURCE] = msgspec.to_builtins(source)
    events = lifecycle.revise(kind, state, given | beside)
    return await with_names(work, state.content, given, lambda terms: work.append(events, terms))


class Revert(Command):
    """Make an earlier revision the newest one."""

    revision: RevisionNumber


async def revert(work: EntryWork, body: Revert) -> Receipt:
    """Make a new revision with the content of an earlier one; 422 where a later rule refuses that."""
    state = await work.state()
    if body.revision > state.revision:
        raise lifecycle.no_such_revision(state)
    earlier = await work.earlier(body.revision)
    content = await work.values(earlier or state)
    try:
        events = lifecycle.revise(work.aggregate, state, content, reverts=body.revision)
    except ValueError as error:
        place = {"pointer": "/revision", "detail": f"holds what may not be stored any more: {error}"}
        raise Problem(
            INVALID, "That revision is older than a rule that it breaks.", errors=[place]
        ) from error
    return await work.append(events)


async def submit(work: EntryWork, _: Why) -> Receipt:
    """Ask for the newest revision to be published."""
    return await work.append(lifecycle.submit(work.aggregate, await work.state()))


async def withdraw(work: EntryWork, _: Why) -> Receipt:
    """Take the submission back."""
    return await work.append(lifecycle.withdraw(work.aggregate, await work.state()))


class Return(Command):
    """Send a submission back to its editor."""

    comment: Annotated[CleanText, StringConstraints(min_length=1, max_length=2_000)]


async def give_back(work: EntryWork, body: Return) -> Receipt:
    """Return the submission to its editor with a comment."""
    return await work.append(lifecycle.give_back(work.aggregate, await work.state(), body.comment))


class Publish(Command):
    """Show one revision to readers."""

    revision: RevisionNumber
    """The revision that the moderator has read."""
    force: bool = False
    """Publish it although it is not the submitted one, or contradicts other entries; needs a reason."""


async def publish(work: EntryWork, body: Publish) -> Receipt:
    """Show readers one revision: the submitted one, or any other one by force and with a reason.

    422 where it contradicts what readers see of others, which force passes, or has pictures that lack words.
    """
    kind, state = work.aggregate, await work.state()
    content = state.content
    if body.revision < state.revision:
        content = (await work.earlier(body.revision) or state).content
    found = await judge(work, state, content)
    contradicted = told([one for one in found.findings if not one.warning])
    how: dict[str, Any] = {"force": body.force, "reason": work.call.reason, "contradicted": contradicted}
    events = lifecycle.publish(kind, state, body.revision, content, **how)
    if not events:
        return await work.append(events)
    claims = [*found.claims, *await pictures_as_they_are(work, state, content)]
    work.warnings += told([one for one in found.findings if one.warning])
    return await work.append(events, claims)


async def unpublish(work: EntryWork, _: Why) -> Receipt:
    """Hide the entry from readers."""
    return await work.append(lifecycle.unpublish(work.aggregate, await work.state()))


async def archive(work: EntryWork, _: Why) -> Receipt:
    """Put the entry away; it keeps its slugs."""
    return await work.append(lifecycle.archive(work.aggregate, await work.state()))


async def restore(work: EntryWork, _: Why) -> Receipt:
    """Take the entry out of the archive, unpublished."""
    return await work.append(lifecycle.restore(work.aggregate, await work.state()))


class Rename(Command):
    """Give an entry another slug."""

    slug: SlugText


async def rename(work: EntryWork, body: Rename) -> Receipt:
    """Give the entry another slug at once; while it is published, this needs a moderator: else 403.

    The former slug goes on leading to it.
    """
    kind, state = work.aggregate, await work.state()
    events = lifecycle.rename(kind, state, body.slug, moderates=work.call.moderates)
    if not events:
        return await work.append(events)
    return await work.append(events, [await slugs.claim(work, body.slug, work.stream, locale=state.locale)])


async def release_slug(work: EntryWork, _: Why) -> Receipt:
    """Free a former slug of the entry for others."""
    state, slug = await work.state(), work.call.part
    if slug == state.slug:
        raise lifecycle.refusal(SLUG_IN_USE)
    return await work.append([], [await slugs.release(work, slug, work.stream, locale=state.locale)])


def _identity(kind: EntryKind, content: Any) -> tuple[str, ...]:
    """Return the values by which a new entry is known; 422 where one is missing."""
    identity = kind.declared.identity_of(content)
    missing = [name for name, value in zip(kind.declared.identity, identity, strict=True) if not value]
    if missing:
        raise Problem(INVALID, errors=[{"pointer": f"/{name}", "detail": "is needed"} for name in missing])
    return identity


def _content(kind: EntryKind, body: Command, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content fields that a body gives, as JSON values, checked by the events' own rules."""
    names = body.model_fields_set.intersection(kind.content.FIELDS)
    try:
        return kind.declared.kept(before, {name: plain(getattr(body, name)) for name in names})
    except FieldError as error:
        place = {"pointer": error.pointer, "detail": error.detail}
        raise Problem(INVALID, errors=[place]) from error
