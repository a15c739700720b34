"""The life of an article of the sample: read from TOML, with every text resolved; no database, no clock."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from events.base import Locale
from events.entry import entry_stream
from events.slug import Slug
from scripts.sample import steps
from scripts.sample.steps import (
    Create,
    Original,
    PublishStep,
    RenameStep,
    RevertStep,
    Revise,
    Writing,
    subject_id,
)

type AnyStep = (
    steps.Create
    | steps.Revise
    | steps.RevertStep
    | steps.RenameStep
    | steps.Submit
    | steps.Withdraw
    | steps.ReturnStep
    | steps.PublishStep
    | steps.Unpublish
    | steps.Archive
    | steps.Restore
)


class SampleLife(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one article, in order. Each step makes exactly one event of the article.

    So an article whose stream has version v is resumed with `steps[v:]`.
    """

    subject: str
    locale: Locale
    slug: Slug
    """The slug at creation; a Rename gives another."""
    steps: list[AnyStep]
    revisions: tuple[Any, ...]
    """The content of revision 1, 2, 3 … as the steps make them."""

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.locale}"

    @property
    def subject_id(self) -> UUID:
        return subject_id(self.subject)

    @property
    def entry(self) -> UUID:
        """The id of the article, which is also its stream."""
        return entry_stream("article", self.subject_id, self.locale)

    @property
    def slugs(self) -> list[str]:
        """Every slug that the article has had; the last one is in force."""
        return [self.slug, *(step.slug for step in self.steps if isinstance(step, RenameStep))]

    @property
    def published(self) -> int | None:
        """The revision that readers see when the life is over; None: they do not see the article."""
        pinned: int | None = None
        for step in self.steps:
            if isinstance(step, PublishStep):
                pinned = step.revision
            elif isinstance(step, steps.Unpublish | steps.Archive):
                pinned = None
        return pinned

    @property
    def originals(self) -> Iterator[Original]:
        """The revisions that this article was translated from, in the order of its steps."""
        for step in self.steps:
            if isinstance(step, Writing) and step.translated_from:
                yield step.translated_from


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    locale: Locale
    slug: Slug
    step: list[AnyStep]


def final_body(life: SampleLife) -> str:
    """Return the body of the newest revision, in Markdown."""
    body: str = life.revisions[-1].body.text
    return body


def read(key: str, toml: str) -> SampleLife:
    """Return one life from the text of its file, which is named "<subject>.<locale>.toml" after its key.

    Raises:
        ValueError: naming the key and, where there is one, the step that cannot be.
    """
    try:
        file = msgspec.toml.decode(toml, type=_File)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    if key != f"{file.subject}.{file.locale}":
        raise ValueError(f"{key} holds the life of {file.subject}.{file.locale}")
    return lived(file.subject, file.locale, file.slug, file.step)


def lived(subject: str, locale: Locale, slug: str, written: Sequence[AnyStep]) -> SampleLife:
    """Return the life that steps make, with every text resolved.

    Raises:
        ValueError: naming the life and the step that cannot be.
    """
    revisions: list[Any] = []
    resolved: list[AnyStep] = []
    for number, step in enumerate(written, 1):
        try:
            resolved.append(_resolve(step, revisions))
        except ValueError as error:
            raise ValueError(f"{subject}.{locale}, step {number}: {error}") from error
    return SampleLife(subject=subject, locale=locale, slug=slug, steps=resolved, revisions=tuple(revisions))


def _resolve(step: AnyStep, revisions: list[Any]) -> AnyStep:
    """Return the step with its full texts, and add the revision that it makes, if any."""
    if isinstance(step, Create) == bool(revisions):
        raise ValueError("a life begins with its only create")
    if isinstance(step, Create | Revise):
        step = _with_full_body(step, revisions[-1].body.text if revisions else "")
        revisions.append(_changed(step.applied_to(revisions[-1] if revisions else None), revisions))
    elif isinstance(step, RevertStep):
        if step.to > len(revisions):
            raise ValueError("it reverts to a revision that does not exist")
        revisions.append(_changed(revisions[step.to - 1], revisions))
    return step


def _changed(content: Any, revisions: list[Any]) -> Any:
    if revisions and content == revisions[-1]:
        raise ValueError("a revision changes something")
    return content


def _with_full_body[W: Writing](step: W, before: str) -> W:
    if step.body is not UNSET:
        if step.append or step.replace:
            raise ValueError("a body is given whole or by its changes, not both")
        return msgspec.structs.replace(step, body=step.body.strip("\n"))
    if not step.append and not step.replace:
        return step
    body = before
    for change in step.replace:
        if body.count(change.old) != 1:
            raise ValueError(f"a passage to replace stands in the body {body.count(change.old)} times")
        body = body.replace(change.old, change.new)
    if step.append:
        body = f"{body}\n\n{step.append.strip('\n')}".lstrip("\n")
    return msgspec.structs.replace(step, body=body, append="", replace=())
