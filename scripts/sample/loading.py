"""Loads what is missing of the sample: each step of it is one command, and many entries go on at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kit.errors import Problem
from scripts.cli.bars import bars
from scripts.sample import steps
from scripts.sample.cards import SampleEntry, entries
from scripts.sample.files import accounts, lives
from scripts.sample.lives import AnyStep, SampleLife
from scripts.sample.pictures import pictures
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Command, Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.kinds import AGGREGATES
from write_side.problem_types import LOG_UNAVAILABLE, OTHERS_CHANGED
from write_side.work import CommandHandler

AT_A_TIME = 32
"""Entries that go on at a time: enough for appends in groups, and few enough for a machine that is busy."""

PASSING = frozenset({LOG_UNAVAILABLE.name, OTHERS_CHANGED.name})
"""Refusals that may be over in a moment: a log that does not answer, others that are published just now."""

PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before a command that was refused so is sent again."""

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
        pictured: whether entries show the pictures of the sample, which are there by now.
    """

    def __init__(self, running: Bus, *, pictured: bool = False) -> None:
        self._running = running
        self._pictures = {one: str(found.id) for one, found in pictures().items()} if pictured else {}
        self._actors = {one.name: one.id for one in accounts()}
        self._moderators = {one.name for one in accounts() if one.role == "moderator"}
        self._free = asyncio.Semaphore(AT_A_TIME)
        self._versions: dict[UUID, int] = {}

    async def load(self, *, vocabularies_alone: bool = False) -> None:
        """Load the entries, stage after stage, then the articles.

        What an entry names must exist when it is made, and is compared with it when it is published.

        Args:
            vocabularies_alone: whether that is done of the terms of vocabularies, and of nothing else.
        """
        wanted = [one for one in entries() if one.kind.name == "term" or not vocabularies_alone]
        stages = [
            [_of_card(one, self._pictures.get(one.id)) for one in same]
            for _, same in groupby(wanted, lambda one: one.stage)
        ]
        found = [] if vocabularies_alone else _by_subject(lives())
        subjects = [[_of_life(life) for life in same] for same in found]
        courses = [course for same in (*stages, *subjects) for course in same]
        await self._each(self._look, courses)
        total = sum(len(course.deeds) for course in courses)
        with bars() as told:

            async def run(same: Sequence[Course], last: int | None = None) -> None:
                for course in same:
                    for deed in course.deeds[self._versions[course.entry] : last]:
                        await self._run(course, deed)
                        told("sample", sum(self._versions.values()), total)

            for same in stages:
                await self._each(lambda card: run([card], 1), same)
            for same in stages:
                await self._each(lambda card: run([card]), same)
            await self._each(run, subjects)

    async def _each[T](self, done: Callable[[T], Awaitable[None]], things: Iterable[T]) -> None:
        """Do something to each of some things, to many at a time."""

        async def one(thing: T) -> None:
            async with self._free:
                await done(thing)

        await asyncio.gather(*map(one, things))

    async def _look(self, course: Course) -> None:
        """Find out how many of the deeds have been done."""
        self._versions[course.entry], _ = await self._running.streams.last(course.entry)

    async def _run(self, course: Course, deed: Deed) -> None:
        """Do a deed; where nothing but the moment is in its way, again, unless it was stored all the same."""
        before = self._versions[course.entry]
        for pause in PAUSES:
            try:
                if pause:
                    await asyncio.sleep(pause)
                    await self._look(course)
                if self._versions[course.entry] == before:
                    await self._command(course, deed)
            except Problem as problem:
                if problem.type not in PASSING or pause == PAUSES[-1]:
                    raise
            else:
                return

    async def _command(self, course: Course, deed: Deed) -> None:
        version = self._versions[course.entry]
        call = Call(
            actor=self._actors[deed.by], client="import", reason=deed.reason, entry=course.entry,
            stream=course.entry if version else None, expected=version or None,
            moderates=deed.by in self._moderators,
        )  # fmt: skip
        receipt = await self._running.run(deed.handler, course.kind, call, deed.body)
        self._versions[course.entry] = receipt.version


def _by_subject(found: Iterable[SampleLife]) -> list[list[SampleLife]]:
    """Return articles by subject, in their order: a translation comes after its original."""
    subjects: dict[str, list[SampleLife]] = {}
    for life in found:
        subjects.setdefault(life.subject, []).append(life)
    return list(subjects.values())


def _of_card(entry: SampleEntry, picture: str | None) -> Course:
    kind = AGGREGATES[entry.kind.name]
    shown = {"pictures": [{"media": picture}]} if picture else {}
    deeds = [
        Deed(
            entry.by,
            entry.reason,
            commands.create,
            _body(create_body, entry, {**entry.first, **shown, "slug": entry.key}),
        )
    ]
    if entry.second:
        deeds.append(Deed(entry.by, entry.reason, commands.revise, _body(revise_body, entry, entry.second)))
    published = commands.Publish(revision=entry.revision)
    deeds += [
        Deed(entry.by, entry.reason, commands.submit, Why()),
        Deed(entry.checked_by, entry.reason, commands.publish, published),
    ]
    return Course(kind, entry.id, deeds)


def _body(made: Any, entry: SampleEntry, said: Mapping[str, Any]) -> Command:
    body: Command = made(entry.kind).model_validate(dict(said))
    return body


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
