"""What may happen to an entry: from its state and a wish to events, or to a refusal. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from events import entry as facts
from events.base import Event
from events.entry import Change
from kit.errors import Problem, ProblemType
from kit.problem_types import FORBIDDEN
from write_side.entry.kind import EntryKind
from write_side.entry.state import State, shortened
from write_side.problem_types import (
    ARCHIVED,
    CONTRADICTED,
    INVALID,
    NO_SUCH_REVISION,
    NOT_PUBLISHABLE,
    NOT_SUBMITTED,
    NOT_THE_SUBMITTED_REVISION,
    NOTHING_TO_SUBMIT,
    REASON_NEEDED,
)


def refusal(type_: ProblemType, **facts_: Any) -> Problem:
    """Return a 409: the wish is clear, and the entry is not in a state for it."""
    return Problem(type_, facts=facts_)


def revise(
    kind: EntryKind,
    state: State,
    wanted: Mapping[str, Any],
    *,
    reverts: int | None = None,
) -> list[Event]:
    """Change some fields, given as JSON values with long texts whole; what is equal already is no change.

    `translated_from` is given, and compared, like a field; so a new one alone is a revision. Only an entry in
    one language is given one.
    """
    _not_archived(state)
    changed = {
        name: Change(before=state.content.get(name), after=value)
        for name, value in wanted.items()
        if shortened(value) != state.content.get(name)
    }
    if not changed:
        return []
    if fixed := [name for name in kind.declared.identity if name in changed]:
        raise Problem(INVALID, errors=[{"pointer": f"/{name}", "detail": "never changes"} for name in fixed])
    beside: dict[str, Any] = {}
    if (source := changed.pop(facts.SOURCE, None)) is not None:
        beside[facts.SOURCE] = msgspec.convert(source.after, facts.Source | None)
    revision = state.revision + 1
    return [kind.life.revised(revision=revision, changed=changed, reverts=reverts, **beside)]


def submit(kind: EntryKind, state: State) -> list[Event]:
    """Ask for the newest revision to be published."""
    _not_archived(state)
    if state.draft == "submitted" and state.submitted == state.revision:
        return []
    if state.draft == "none":
        raise refusal(NOTHING_TO_SUBMIT)
    _complete(kind, state)
    return [kind.life.submitted(revision=state.revision, **_headline(kind, state, state.content))]


def withdraw(kind: EntryKind, state: State) -> list[Event]:
    """Take the submission back."""
    _is_submitted(state)
    return [kind.life.withdrawn()]


def give_back(kind: EntryKind, state: State, comment: str) -> list[Event]:
    """Return the submission to its editor with a comment."""
    _is_submitted(state)
    return [kind.life.returned(comment=comment)]


def publish(
    kind: EntryKind,
    state: State,
    revision: int,
    content: Mapping[str, Any],
    *,
    force: bool,
    reason: str,
    contradicted: Sequence[Mapping[str, str]] = (),
) -> list[Event]:
    """Show readers one revision: the submitted one, or any other one by force and with a reason.

    Args:
        kind: the kind of the entry.
        state: the entry now.
        revision: the revision that the caller has read and means.
        content: fields of that revision, long texts as hashes.
        force: publish although it is not the submitted revision.
        reason: the edit summary; may not be empty when forced.
        contradicted: places in which the revision contradicts other entries.
    """
    _not_archived(state)
    if state.publication == "pinned" and state.pinned == revision:
        return []
    if revision > state.revision:
        raise no_such_revision(state)
    unsubmitted = revision != state.submitted
    if unsubmitted and not force:
        raise refusal(
            NOT_THE_SUBMITTED_REVISION,
            submitted=state.submitted,
        )
    if contradicted and not force:
        raise Problem(
            CONTRADICTED,
            detail="Where history itself was so, force it and give the reason.",
            errors=contradicted,
        )
    forced = unsubmitted or bool(contradicted)
    if forced and not reason.strip():
        raise Problem(
            REASON_NEEDED,
            errors=[{"pointer": "/reason", "detail": "must not be empty when forced"}],
        )
    _complete(kind, state, content)
    return [kind.life.published(revision=revision, forced=forced, **_headline(kind, state, content))]


def unpublish(kind: EntryKind, state: State) -> list[Event]:
    """Hide the entry from readers."""
    _not_archived(state)
    return [kind.life.unpublished()] if state.publication == "pinned" else []


def archive(kind: EntryKind, state: State) -> list[Event]:
    """Put the entry away; it keeps its slugs."""
    return [] if state.publication == "archived" else [kind.life.archived()]


def restore(kind: EntryKind, state: State) -> list[Event]:
    """Take the entry out of the archive, unpublished."""
    return [kind.life.restored()] if state.publication == "archived" else []


def rename(kind: EntryKind, state: State, slug: str, *, moderates: bool) -> list[Event]:
    """Give the entry another slug, in force at once; that of a published entry is a moderator's to change.

    Raises:
        Problem: 403 when readers see the entry and who asks is no moderator, 409 when it is archived.
    """
    _not_archived(state)
    if state.publication == "pinned" and not moderates:
        raise Problem(
            FORBIDDEN,
            "A published entry is renamed by a moderator.",
            detail="Readers see the new address at once, without a review.",
        )
    return [] if slug == state.slug else [kind.life.renamed(before=state.slug, after=slug)]


def no_such_revision(state: State) -> Problem:
    """Return the refusal of a revision that the entry does not have."""
    return refusal(NO_SUCH_REVISION, revision=state.revision)


def _headline(kind: EntryKind, state: State, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a bot wants to know of a revision without calling back."""
    told = kind.declared.headline(content) | {"slug": state.slug}
    return told if state.locale is None else told | {"locale": state.locale}


def _complete(kind: EntryKind, state: State, content: Mapping[str, Any] | None = None) -> None:
    lacking = kind.declared.shortfalls(state.content if content is None else content)
    if lacking:
        raise Problem(
            NOT_PUBLISHABLE,
            errors=[{"pointer": f"/{field}", "detail": detail} for field, detail in lacking],
        )


def _not_archived(state: State) -> None:
    if state.publication == "archived":
        raise refusal(ARCHIVED)


def _is_submitted(state: State) -> None:
    if state.draft != "submitted":
        raise refusal(NOT_SUBMITTED)
