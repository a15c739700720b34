"""Passwords are hashed slowly beside the loop, and those that somebody would try first are refused."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from kit.auth import passwords
from kit.auth.passwords import Passwords, check_password, derived
from kit.errors import Problem


@pytest.fixture
def hashing() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_a_password_fits_its_own_hash_and_no_other(hashing: Passwords) -> None:
    stored = await hashing.hash("correct horse battery")
    assert await hashing.fits("correct horse battery", stored)
    assert not await hashing.fits("correct horse battery ", stored)
    assert not await hashing.fits("correct horse batter", stored)
    assert stored != await hashing.hash("correct horse battery")


async def test_the_slow_hash_of_a_text_never_changes(hashing: Passwords) -> None:
    """Names that are reserved are found by it in databases of years ago."""
    kept = "848ca8a8a1bda234050cf696dad7f45c024ceed6c4ea759c53e9882d66f22417"
    asked = "anna", b"0123456789abcdef"
    assert [kept, kept] == [derived(*asked).hex(), (await hashing.derive(*asked)).hex()]


async def test_a_hash_is_argon2id_with_at_least_what_owasp_asks_for(hashing: Passwords) -> None:
    parameters = extract_parameters(await hashing.hash("correct horse battery"))
    assert parameters.type.name == "ID"
    assert parameters.memory_cost >= 19_456
    assert parameters.time_cost >= 2


async def test_a_weaker_hash_of_an_earlier_build_is_known_as_one(hashing: Passwords) -> None:
    earlier = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("correct horse battery")
    assert await hashing.fits("correct horse battery", earlier)
    assert hashing.outdated(earlier)
    assert not hashing.outdated(await hashing.hash("correct horse battery"))


async def test_without_a_hash_nothing_fits_and_it_costs_as_much(hashing: Passwords) -> None:
    stored = await hashing.hash("correct horse battery")
    await hashing.fits("anything at all", None)

    async def cost(against: str | None) -> float:
        began = time.process_time()
        for _ in range(5):
            assert not await hashing.fits("anything at all", against)
        return time.process_time() - began

    known, unknown = await cost(stored), await cost(None)
    assert 0.5 < unknown / known < 2


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$", "\x00"])
async def test_what_is_no_hash_fits_nothing(hashing: Passwords, stored: str) -> None:
    assert not await hashing.fits("anything at all", stored)


async def test_what_does_not_fit_into_the_queue_is_refused_and_the_loop_goes_on(hashing: Passwords) -> None:
    room = passwords.AT_ONCE + passwords.WAITING
    asked = [asyncio.create_task(hashing.hash(f"a long password {number}")) for number in range(room + 10)]
    slept = 0.0
    while not all(task.done() for task in asked):
        began = time.monotonic()
        await asyncio.sleep(0.01)
        slept = max(slept, time.monotonic() - began)
    found = await asyncio.gather(*asked, return_exceptions=True)

    refused = [one for one in found if isinstance(one, Problem)]
    assert [(one.status, one.type) for one in refused] == [(503, "too-many-passwords")] * 10
    assert slept < 1
    assert await hashing.fits("again", None) is False


async def test_who_goes_away_leaves_his_place_when_the_hash_is_made(hashing: Passwords) -> None:
    for _ in range(3):
        asked = [asyncio.create_task(hashing.hash("a long password")) for _ in range(20)]
        await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(1)
    assert (await hashing.hash("a long password")).startswith("$argon2id$")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "ёлка зелёная",
        "8364920175364",
        "Ilya Muromets 1913 !",
        " two blanks  ",
        "日本語の長い合言葉十二文",
    ],
)
def test_a_long_password_of_any_characters_is_taken(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 1025, "at most 1,024"),
        ("й" * 513, "at most 1,024"),
        ("aaaaaaaaaaaa", "different characters"),
        ("qwertyuiop12", "first that somebody"),
        ("Password1234!", "first that somebody"),
        ("P@ssw0rd2026", "first that somebody"),
        ("123456789012", "first that somebody"),
        ("9876543210987", "first that somebody"),
        ("dragondragon", "first that somebody"),
        ("1qaz2wsx3edc", "first that somebody"),
        ("ＰＡＳＳＷＯＲＤ１２３４", "first that somebody"),
        ("anna.petrova2026", "your name"),
        ("Petrova-1985!!", "your name"),
    ],
)
def test_a_password_that_somebody_would_try_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        check_password(password, ["Anna Petrova", "anna.petrova@example.org"])
    assert password not in str(raised.value)


@given(st.text(max_size=1_100))
def test_every_text_is_taken_or_refused_in_words(password: str) -> None:
    said = "must"
    try:
        check_password(password, ["Anna"])
    except ValueError as error:
        said = str(error)
    assert said.startswith(("must", "is among"))
