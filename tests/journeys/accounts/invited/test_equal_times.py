"""How long a refusal takes tells nobody whether an address has an account: two distributions are compared."""

import random
import statistics
import time
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from kit.auth.passwords import OWASP
from tests.adversaries.prove import SEED
from tests.journeys.accounts.stranger import STRANGER, Stranger, stranger

WRONG = "a short way to nowhere"

FARTHEST_MEDIANS = 0.10
"""By so much of the smaller one the two medians of 400 tries may differ."""

FARTHEST_OF_FEW = 0.5
"""The same of few tries, whose medians differ by a sixth on a busy machine. Without the work for an unknown
address they would differ by several times."""

FARTHEST_Z = 3.89
"""By chance alone, the ranks of two equal distributions differ by more once in 10,000 times."""


def ranks_differ(first: list[float], second: list[float]) -> float:
    """Return by how many standard deviations the U of Mann and Whitney is off the middle; 0: not at all."""
    both = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    assert all(one[0] <= next_[0] for one, next_ in pairwise(both))
    of_first = sum(rank for rank, (_, which) in enumerate(both, 1) if which == 0)
    m, n = len(first), len(second)
    u = of_first - m * (m + 1) / 2
    return (u - m * n / 2) / sqrt(m * n * (m + n + 1) / 12)


async def refused_after(somebody: Stranger, email: str) -> float:
    began = time.perf_counter()
    answer = await somebody.send("POST", "/v1/sessions", {"email": email, "password": WRONG})
    took = time.perf_counter() - began
    assert 401 == answer.status_code, answer.text
    return took


async def compared(database: str, folder: Path, tries: int) -> dict[str, list[float]]:
    """Try a wrong password so many times, half of them for an account, in an order of chance."""
    chance = random.Random(SEED)  # noqa: S311 - an order, no secret
    took: dict[str, list[float]] = {STRANGER["email"]: [], "nobody@example.org": []}
    async with stranger(database, folder, limits=1_000, hashing=OWASP) as somebody:
        await somebody.opened()
        for _ in range(3):
            for email in took:
                await refused_after(somebody, email)
        for _ in range(tries // 2):
            for email in chance.sample(sorted(took), 2):
                took[email].append(await refused_after(somebody, email))
    return took


def far_apart(took: dict[str, list[float]], farthest: float = FARTHEST_MEDIANS) -> dict[str, Any]:
    """Return the figures that are beyond their bounds."""
    known, unknown = took.values()
    slower, faster = sorted((statistics.median(known), statistics.median(unknown)), reverse=True)
    z = ranks_differ(known, unknown)
    return {
        name: figure
        for name, figure, most in (("medians", slower / faster - 1, farthest), ("z", abs(z), FARTHEST_Z))
        if figure > most
    }


async def test_a_refusal_of_a_known_address_takes_as_long_as_one_of_an_unknown_one(
    database: str, tmp_path: Path
) -> None:
    took = await compared(database, tmp_path, 60)
    assert {} == far_apart(took, FARTHEST_OF_FEW)


@pytest.mark.prove
async def test_four_hundred_refusals_tell_nobody_which_address_has_an_account(
    database: str, tmp_path: Path
) -> None:
    took = await compared(database, tmp_path, 400)
    assert {} == far_apart(took)


def test_times_that_differ_by_a_fifth_are_found_out() -> None:
    chance = random.Random(1)  # noqa: S311 - made-up times
    known = [chance.gauss(0.050, 0.005) for _ in range(200)]
    slower = [chance.gauss(0.060, 0.005) for _ in range(200)]
    assert {"medians", "z"} == set(far_apart({"known": known, "unknown": slower}))
    alike = [chance.gauss(0.050, 0.005) for _ in range(200)]
    assert {} == far_apart({"known": known, "unknown": alike})
