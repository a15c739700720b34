"""What a passkey has to sign: random, once, in five minutes, for one purpose, in one browser or session."""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import ATTEMPT_UNKNOWN

type ChallengePurpose = Literal["sign-in", "proof", "passkey"]
"""To sign in; to show again who one is; to add a passkey."""

CHALLENGE_LIVES = timedelta(minutes=5)

CHALLENGE_BYTES = 32

_KEEP = """
insert into auth.challenge (sha256, purpose, browser, session, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5)"""

_TAKE = """
delete from auth.challenge
 where sha256 = $1 and purpose = $2 and browser is not distinct from $3 and session is not distinct from $4
   and expires_at > clock_timestamp()
returning true"""


class AskedIn(NamedTuple):
    """Where a challenge was asked for, and for what: it counts nowhere else."""

    purpose: ChallengePurpose
    browser: str = ""
    """The secret of its cookie; empty: somebody who is signed in asked for it."""
    session: UUID | None = None
    """In which he did."""

    @property
    def browser_sha256(self) -> bytes | None:
        return hashlib.sha256(self.browser.encode()).digest() if self.session is None else None


async def make_challenge(connection: Connection, asked_in: AskedIn) -> bytes:
    """Keep a new challenge, and return it."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    sha256 = hashlib.sha256(challenge).digest()
    await connection.execute(
        _KEEP, sha256, asked_in.purpose, asked_in.browser_sha256, asked_in.session, CHALLENGE_LIVES
    )
    return challenge


async def take_challenge(connection: Connection, asked_in: AskedIn, challenge: bytes) -> None:
    """Use a challenge up; call it in a transaction of its own, so that it is gone whatever comes of it.

    Raises:
        Problem: 409, it is over, is for something else, was another browser's or session's, was used, or
            never was.
    """
    sha256 = hashlib.sha256(challenge).digest()
    if not await connection.fetchval(
        _TAKE, sha256, asked_in.purpose, asked_in.browser_sha256, asked_in.session
    ):
        raise Problem(ATTEMPT_UNKNOWN)
