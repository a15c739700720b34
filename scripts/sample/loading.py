"""Loads what is missing of the sample: each step of it is one command, and many entries go on at a time."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from scripts.cli.bars import bars
from scripts.sample import steps
from scripts.sample.files import accounts, lives
from scripts.sample.lives import AnyStep, SampleLife
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Command, Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.work import CommandHandler

AT_A_TIME = 64
"""Entries that go on at a time: as many as one append takes well."""

ARTICLE = AGGREGATES["article"]
CreateArticle = create_body(ARTICLE.declared)
ReviseArticle = revise_body(ARTICLE.declared)


class Deed(NamedTuple):
    """One command of the sample, which makes one event of its entry."""

    by: str
    reason: str
    handler: CommandHandler[Any, Any, Any]
    body: Command


class Course(NamedTuple):
    """What happens to one entry. An entry whose stream has version v has had its first v deeds."""

    kind: EntryKind
    entry: UUID
    deeds: Sequence[Deed]


class Loader:
    """Runs the deeds that are missing.

    Args:
        running: runs the commands.
    """

    def __init__(self, running: Bus) -> None:
        self._running = running
        self._actors = {one.name: one.id for one in accounts()}
        self._moderators = {one.name for one in accounts() if one.role == "moderator"}
        self._free = asyncio.Semaphore(AT_A_TIME)
        self._done = 0

    async def load(self) -> None:
        """Load the articles, of many subjects at a time; a translation comes after its original."""
        subjects = [[_of_life(life) for life in same] for same in _by_subject(lives())]
        total = sum(len(course.deeds) for same in subjects for course in same)
        with bars() as told:

            async def run(courses: Sequence[Course]) -> None:
                async with self._free:
                    for course in courses:
                        await self._run(course)
                        told("sample", self._done, total)

            await asyncio.gather(*map(run, subjects))

    async def _run(self, course: Course) -> None:
        """Run the deeds of an entry that are missing."""
        version, _ = await self._running.streams.last(course.entry)
        self._done += min(version, len(course.deeds))
        for deed in course.deeds[version:]:
            call = Call(
                actor=self._actors[deed.by], client="import", reason=deed.reason,
                stream=course.entry if version else None, expected=version or None,
                moderates=deed.by in self._moderators,
            )  # fmt: skip
            receipt = await self._running.run(deed.handler, course.kind, call, deed.body)
            version = receipt.version
            self._done += 1


def _by_subject(found: Iterable[SampleLife]) -> list[list[SampleLife]]:
    """Return articles by subject, in their order: a translation comes after its original."""
    subjects: dict[str, list[SampleLife]] = {}
    for life in found:
        subjects.setdefault(life.subject, []).append(life)
    return list(subjects.values())


def _of_life(life: SampleLife) -> Course:
    return Course(
        ARTICLE, life.entry, [Deed(step.by, step.reason, *_command(life, step)) for step in life.steps]
    )


def _command(  # noqa: PLR0911 - one for each sort of step
    life: SampleLife, step: AnyStep
) -> tuple[CommandHandler[Any, Any, Any], Command]:
    """Return the command that a step stands for: its handler and its body."""
    match step:
        case steps.Create():
            place = {"subject": str(life.subject_id), "locale": life.locale, "slug": life.slug}
            return commands.create, CreateArticle.model_validate(_fields(step) | place)
        case steps.Revise():
            return commands.revise, ReviseArticle.model_validate(_fields(step))
        case steps.RevertStep():
            return commands.revert, commands.Revert(revision=step.to)
        case steps.RenameStep():
            return commands.rename, commands.Rename(slug=step.slug)
        case steps.ReturnStep():
            return commands.give_back, commands.Return(comment=step.comment)
        case steps.PublishStep():
            return commands.publish, commands.Publish(revision=step.revision)
        case _:
            return _PLAIN[type(step)], Why()


_PLAIN: dict[type[Any], CommandHandler[Any, Any, Any]] = {
    steps.Submit: commands.submit,
    steps.Withdraw: commands.withdraw,
    steps.Unpublish: commands.unpublish,
    steps.Archive: commands.archive,
    steps.Restore: commands.restore,
}


def _fields(step: steps.Writing) -> dict[str, Any]:
    body = step.fields()
    if step.translated_from is not None:
        source = step.translated_from
        body["translated_from"] = {"entry": str(source.entry), "revision": source.revision}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return plain
