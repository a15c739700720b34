"""idle: what our processes cost while all parts of a machine are up and nobody asks."""

import asyncio
from typing import Any

from scripts.bench.rig.report import result
from scripts.bench.rig.site import NOT_OURS, folder, up
from scripts.bench.rig.usage import between

SETTLE_SECONDS = 5.0
"""After which nothing is left of the start."""

IDLE_SECONDS = 60.0
"""That are measured."""

AIM_MS_PER_SECOND = 10.0
"""One hundredth of one core."""


async def run(_server: str) -> list[dict[str, Any]]:
    """Start a site of its own, leave it alone, and read what each part has used meanwhile."""
    with folder() as state, up(state) as site:
        await asyncio.sleep(SETTLE_SECONDS)
        began = site.watched.seconds()
        await asyncio.sleep(IDLE_SECONDS)
        used = between(began, site.watched.seconds())
    parts = {part: 1000 * seconds / IDLE_SECONDS for part, seconds in used.items()}
    ours = sum(value for part, value in parts.items() if part not in NOT_OURS)
    return [
        result(
            "idle", ours, AIM_MS_PER_SECOND, unit="ms/s", inverse=True, peer_name="one hundredth of one core",
            parts={part: round(value, 3) for part, value in sorted(parts.items()) if value},
        )
    ]  # fmt: skip
