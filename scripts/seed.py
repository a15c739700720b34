"""`frankenjet seed`: loads the sample encyclopedia through commands, as often as one likes."""

from events.codec import CODEC
from scripts import sample
from scripts.sample.loading import Loader
from scripts.sample.synthetic import synthesize
from write_side.accounts.admin.accounts import ensure
from write_side.log.gate import check
from write_side.main import bus


async def seed(
    dsn: str,
    *,
    owner_dsn: str = "",
    synthetic: int = 0,
    revisions: int = 4,
    vocabularies_alone: bool = False,
) -> None:
    """Load what is missing of the sample, then make synthetic entries if any are asked for.

    Args:
        dsn: address of the processes' login.
        owner_dsn: address of the owner, who makes accounts; empty: the same.
        synthetic: how many entries of all kinds to make by machine.
        revisions: how many revisions they have on average.
        vocabularies_alone: load the terms of vocabularies, and nothing else of the sample.

    Raises:
        Refused: this build must not write to this log.
    """
    await ensure(owner_dsn or dsn, [(one.id, one.display_name, one.role) for one in sample.accounts()])
    await check(dsn, CODEC)
    async with bus(dsn, CODEC) as running:
        await Loader(running).load(vocabularies_alone=vocabularies_alone)
        if synthetic:
            await synthesize(running, synthetic, revisions)
