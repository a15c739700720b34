"""How long `make prove` looks for faults, and with which seed."""

import os
import random

GIVEN = os.environ.get("PROVE_SEED", "")  # noqa: TID251 - tests have no settings
SEED = int(GIVEN or random.SystemRandom().randrange(1_000_000))
MINUTES = float(os.environ.get("PROVE_MINUTES", "") or 1)  # noqa: TID251
