"""A token of ours is believed until it expires, under two keys, and for nothing but who it names."""

import hashlib
import time
from datetime import timedelta

import jwt
import pytest

from kit.auth.tokens import LEEWAY, MAX_LIFE, ORDINARY, BadToken, Verifier, bot_digest, mint, new_bot_token
from tests.kit.auth.forging import (
    ACCOUNT,
    GOOD,
    HEADER,
    KEY,
    NOW,
    PUBLIC,
    SECONDS,
    SESSION,
    refusal,
    signed,
    signing_key,
    verifier,
)


def test_a_token_of_ours_says_who_it_is_for() -> None:
    token = mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW)
    claims = verifier().verify(token, SECONDS)
    assert (claims.account, claims.session) == (ACCOUNT, SESSION)
    assert (claims.expires, claims.lifetime) == (SECONDS + 900, 900)
    assert verifier().verify(signed(), SECONDS) == claims


def test_no_two_tokens_are_the_same() -> None:
    assert len({mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW) for _ in range(100)}) == 100


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1), MAX_LIFE + timedelta(seconds=1)])
def test_a_token_that_would_live_too_long_or_not_at_all_is_not_made(ttl: timedelta) -> None:
    with pytest.raises(ValueError, match="24 hours"):
        mint(KEY, ACCOUNT, SESSION, ttl, NOW)


def test_a_token_works_until_it_expires_known_or_not() -> None:
    token = mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW)
    known = verifier()
    for now in (SECONDS - LEEWAY, SECONDS, SECONDS + 899, SECONDS + 900 + LEEWAY - 1):
        assert known.verify(token, now) == verifier().verify(token, now)
    for late in (SECONDS + 900 + LEEWAY, SECONDS + 10_000):
        with pytest.raises(BadToken, match="expired"):
            known.verify(token, late)
        assert "expired" in refusal(token, late)
    assert "not valid yet" in refusal(token, SECONDS - LEEWAY - 1)


def test_claims_of_roles_mean_nothing() -> None:
    claims = verifier().verify(signed({**GOOD, "role": "admin", "roles": ["admin"]}), SECONDS)
    assert not hasattr(claims, "roles")


def test_two_keys_may_be_live_while_one_replaces_the_other() -> None:
    """The rehearsal: a new key signs, the old one is still accepted, then it is withdrawn."""
    old, new = signing_key(), signing_key()
    before = mint(old, ACCOUNT, SESSION, ORDINARY, NOW)
    during = Verifier({old.kid: old.private.public_key(), new.kid: new.private.public_key()})
    after_ = mint(new, ACCOUNT, SESSION, ORDINARY, NOW)
    assert during.verify(before, SECONDS).account == during.verify(after_, SECONDS).account
    final = Verifier({new.kid: new.private.public_key()})
    assert final.verify(after_, SECONDS).account == ACCOUNT
    with pytest.raises(BadToken, match="not known here"):
        final.verify(before, SECONDS)


def test_a_key_may_not_sign_under_the_id_of_another() -> None:
    other = signing_key()
    both = Verifier({KEY.kid: PUBLIC, other.kid: other.private.public_key()})
    token = jwt.encode(GOOD, other.private, "EdDSA", headers=HEADER)
    with pytest.raises(BadToken):
        both.verify(token, SECONDS)


def test_the_memory_of_good_tokens_is_bounded() -> None:
    checking = Verifier({KEY.kid: PUBLIC}, remembered=20)
    for number in range(100):
        ttl = timedelta(seconds=60 if number % 2 else 900)
        checking.verify(mint(KEY, ACCOUNT, SESSION, ttl, NOW), SECONDS)
        assert len(checking._known) <= 20  # noqa: SLF001 - the bound is the promise
    checking.verify(mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW + timedelta(hours=1)), SECONDS + 3600)


def test_a_known_token_is_checked_quickly() -> None:
    checking = verifier()
    token = mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW)
    checking.verify(token, SECONDS)
    started = time.process_time()
    for _ in range(10_000):
        checking.verify(token, SECONDS)
    assert time.process_time() - started < 0.5  # 3 ms on an idle machine; signatures alone would take 1 s


def test_the_token_of_a_bot_is_random_and_known_by_its_digest() -> None:
    made = [new_bot_token() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(bot_digest(token) == hashlib.sha256(token.encode()).digest() for token in made)
    for other in (
        "",
        "fjb_",
        "fjb_short",
        made[0] + "a",
        made[0][:-1],
        made[0].replace("fjb_", "fja_"),
        f" {made[0]}",
    ):
        assert bot_digest(other) is None
