"""How long and how often `make prove` looks for faults, and with which seed."""

import os
import random

GIVEN = os.environ.get("PROVE_SEED", "")  # noqa: TID251 - tests have no settings
SEED = int(GIVEN or random.SystemRandom().randrange(1_000_000))
_MINUTES = os.environ.get("PROVE_MINUTES", "")  # noqa: TID251
MINUTES = float(_MINUTES or 1)
ALL_IN = 2.0
"""Minutes of each in which all rounds are done."""


def rounds(full: int) -> int:
    """Return how many rounds there is time for: all of them unless minutes were given, a quarter at least."""
    part = min(1.0, MINUTES / ALL_IN) if _MINUTES else 1.0
    return max(full // 4, int(full * part))
