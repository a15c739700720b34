"""`frankenjet seed`: loads the sample encyclopedia through commands, as often as one likes."""

from events.codec import CODEC
from kit.storage.objects import Storage
from scripts import sample
from scripts.sample.loading import Loader
from scripts.sample.pictures import load_pictures
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
    storage: Storage | None = None,
) -> None:
    """Load what is missing of the sample, then make synthetic entries if any are asked for.

    Args:
        dsn: address of the processes' login.
        owner_dsn: address of the owner, who makes accounts; empty: the same.
        synthetic: how many entries of all kinds to make by machine.
        revisions: how many revisions they have on average.
        vocabularies_alone: load the terms of vocabularies, and nothing else of the sample.
        storage: keeps pictures; None: the sample is loaded without.

    Raises:
        Refused: this build must not write to this log.
        StorageAway: pictures cannot be kept now.
    """
    await ensure(owner_dsn or dsn, [(one.id, one.display_name, one.role) for one in sample.accounts()])
    await check(dsn, CODEC)
    async with bus(dsn, CODEC) as running:
        shown = None if vocabularies_alone else storage
        if shown is not None:
            async with shown:
                await load_pictures(running, shown)
        await Loader(running, pictured=shown is not None).load(vocabularies_alone=vocabularies_alone)
        if synthetic:
            await synthesize(running, synthetic, revisions)
