"""How long the answers under Idempotency-Keys are kept: the table of keys is bounded in age and in size."""

import asyncio
from contextlib import suppress

from kit.errors import Problem
from write_side.log.streams import Streams

KEPT_HOURS = 48
"""How long the answer under a key can be had again, as a rule."""

PROMISED_HOURS = 24
"""How long it can be had in any case."""

MANY = 5_000_000
"""Answers, some 250 bytes each, above which none is kept for longer than was promised."""

LOOK_SECONDS = 3_600.0
"""Seconds between two looks."""


async def forget_old(streams: Streams, *, many: int = MANY) -> None:
    """Drop answers that are kept long enough.

    Args:
        streams: where they are kept.
        many: how many make the time shorter; an estimate of the server is compared with it.

    Raises:
        Problem: 503, the log could not be asked in time.
    """
    crowded = await streams.receipts() > many
    await streams.forget_receipts(PROMISED_HOURS if crowded else KEPT_HOURS)


async def keep_forgetting(streams: Streams) -> None:
    """Drop old answers now and every hour; what fails now is done an hour later."""
    while True:
        with suppress(Problem):
            await forget_old(streams)
        await asyncio.sleep(LOOK_SECONDS)
