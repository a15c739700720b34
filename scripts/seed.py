"""`frankenjet seed`: loads the sample encyclopedia through commands, as often as one likes."""

from typing import Any

import msgspec

from events.codec import CODEC
from scripts import sample
from scripts.cli.bars import bars
from scripts.sample import steps
from scripts.sample.lives import AnyStep, SampleLife
from scripts.sample.synthetic import synthesize
from write_side.accounts.accounts import ensure
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Command, Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kinds import AGGREGATES
from write_side.log.gate import check
from write_side.main import bus
from write_side.work import CommandHandler

ARTICLE = AGGREGATES["article"]
CreateArticle = create_body(ARTICLE.declared)
ReviseArticle = revise_body(ARTICLE.declared)


async def seed(dsn: str, *, owner_dsn: str = "", synthetic: int = 0, revisions: int = 4) -> None:
    """Load what is missing of the sample, then make synthetic entries if any are asked for.

    Args:
        dsn: address of the processes' login.
        owner_dsn: address of the owner, who makes accounts; empty: the same.
        synthetic: how many entries of all kinds to make by machine.
        revisions: how many revisions they have on average.

    Raises:
        Refused: this build must not write to this log.
    """
    await ensure(owner_dsn or dsn, [(one.id, one.display_name, one.role) for one in sample.accounts()])
    await check(dsn, CODEC)
    async with bus(dsn, CODEC) as running:
        await _load(running)
        if synthetic:
            await synthesize(running, synthetic, revisions)


async def _load(running: Bus) -> None:
    lives = sample.lives()
    actors = {one.name: one.id for one in sample.accounts()}
    moderators = {one.name for one in sample.accounts() if one.role == "moderator"}
    done, total = 0, sum(len(life.steps) for life in lives)
    with bars() as told:
        for life in lives:
            version, _ = await running.streams.last(life.entry)
            done += min(version, len(life.steps))
            told("sample", done, total)
            for step in life.steps[version:]:
                call = Call(
                    actor=actors[step.by], client="import", reason=step.reason,
                    stream=life.entry if version else None, expected=version or None,
                    moderates=step.by in moderators,
                )  # fmt: skip
                handler, body = _command(life, step)
                receipt = await running.run(handler, ARTICLE, call, body)
                version = receipt.version
                done += 1
                told("sample", done, total)


def _command(  # noqa: PLR0911 - one for each sort of step
    life: SampleLife, step: AnyStep
) -> tuple[CommandHandler[Any, Any, Any], Command]:
    """Return the command that a step stands for: its handler and its body."""
    match step:
        case steps.Create():
            place = {"subject": str(life.subject_id), "locale": life.locale, "slug": life.slug}
            return commands.create, CreateArticle.model_validate(_body(step) | place)
        case steps.Revise():
            return commands.revise, ReviseArticle.model_validate(_body(step))
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


def _body(step: steps.Writing) -> dict[str, Any]:
    body = step.fields()
    if step.translated_from is not None:
        source = step.translated_from
        body["translated_from"] = {"entry": str(source.entry), "revision": source.revision}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return plain
