"""Access tokens: short-lived, signed with Ed25519, verified strictly, believed only as to who they name."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.auth.keys import SigningKey
from kit.ids import new_id, parse_id

ISSUER = "frankenjet"
AUDIENCE = "frankenjet-api"

ORDINARY = timedelta(minutes=15)
"""How long a token lives unless its session allows more."""

MAX_LIFE = timedelta(hours=24)
"""How long any token may live, whatever its session says."""

LEEWAY = 15
"""Seconds by which clocks may differ."""

MAX_BYTES = 4096
_BOT_TOKEN = re.compile(r"fjb_[A-Za-z0-9_-]{43}")
_HEADER = {"alg", "typ", "kid"}
_REQUIRED = ("exp", "iat", "iss", "aud", "sub", "jti", "sid")
_MAX_TIME = 2**40
"""Seconds since 1970; far beyond any real moment and within what arithmetic bears."""


class BadToken(Exception):  # noqa: N818 - it is the token that is bad
    """Why a token is not believed, in words that quote nothing of it."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says; roles are not among it."""

    account: UUID
    session: UUID
    expires: int
    """Seconds since 1970."""
    lifetime: int
    """Seconds between issue and expiry; the session decides whether that is too long."""
    only: str = ""
    """The one command that it is for, as method and path: somebody's bot sends it for him. Its session is
    the id of the link by which the bot knows him."""
    proved: bool = False
    """Whether that command may do what asks for a proof of the last minutes."""


def mint(
    key: SigningKey,
    account: UUID,
    session: UUID,
    ttl: timedelta,
    now: datetime,
    *,
    only: str = "",
    proved: bool = False,
) -> str:
    """Sign a token for a session that is already open, or for one command by a link (`Claims.only`).

    Raises:
        ValueError: when it would live longer than 24 hours, or not at all.
    """
    if not timedelta(seconds=1) <= ttl <= MAX_LIFE:
        raise ValueError("a token lives between one second and 24 hours")
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(account),
        "sid": str(session),
        "jti": str(new_id()),
        "iat": issued,
        "exp": issued + int(ttl.total_seconds()),
        **({"only": only, "proved": proved} if only else {}),
    }
    return jwt.encode(claims, key.private, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": key.kid})


def new_bot_token() -> str:
    """Make an opaque token of 256 random bits; only its digest is ever stored."""
    return f"fjb_{secrets.token_urlsafe(32)}"


def bot_digest(token: str) -> bytes | None:
    """Return the SHA-256 under which a bot's token is stored; None: this is not such a token."""
    return hashlib.sha256(token.encode()).digest() if _BOT_TOKEN.fullmatch(token) else None


class Verifier:
    """Checks tokens; one that was good stays known until it expires, since checking a signature is slow.

    Args:
        keys: kid → public key; nothing else may have signed.
        issuer: who must have issued the token.
        audience: whom it must be meant for.
        remembered: how many good tokens to know at once.
    """

    def __init__(
        self,
        keys: Mapping[str, Ed25519PublicKey],
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        *,
        remembered: int = 10_000,
    ) -> None:
        self._remembered = remembered
        self.keys = dict(keys)
        self._issuer = issuer
        self._audience = audience
        self._known: dict[str, Claims] = {}

    def verify(self, token: str, now: float) -> Claims:
        """Return what a token says.

        Args:
            token: as it came.
            now: seconds since 1970.

        Raises:
            BadToken: when anything about it is not exactly as we sign them, or its time is over.
        """
        claims = self._known.get(token)
        if claims is None:
            claims = self._check(token, now)
            if len(self._known) >= self._remembered:
                self._forget(now)
            self._known[token] = claims
        elif claims.expires + LEEWAY <= now:
            del self._known[token]
            raise BadToken("The token has expired.")
        return claims

    def _forget(self, now: float) -> None:
        """Drop the expired, and if that is not enough the older half."""
        alive = {token: claims for token, claims in self._known.items() if claims.expires > now}
        half = self._remembered // 2
        self._known = alive if len(alive) <= half else dict(list(alive.items())[-half:])

    def _check(self, token: str, now: float) -> Claims:
        if len(token) > MAX_BYTES:
            raise BadToken("The token is too long.")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise BadToken("This is not a token.") from None
        # exactly what we put there: no jwk, jku, x5u, crit, cty, b64 and whatever comes next
        if set(header) != _HEADER or header["alg"] != "EdDSA" or header["typ"] != "at+jwt":
            raise BadToken("The token is not one of ours.")
        kid = header["kid"]
        key = self.keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise BadToken("The token was signed with a key that is not known here.")
        try:
            payload = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": list(_REQUIRED),
                    "strict_aud": True,
                    # the library converts times and asks the clock itself: `_claims` does it strictly
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise BadToken("The token is not valid.") from None
        return _claims(payload, now)


def _claims(payload: Mapping[str, Any], now: float) -> Claims:
    issued, expires = _moment(payload, "iat"), _moment(payload, "exp")
    starts = _moment(payload, "nbf") if "nbf" in payload else issued
    if expires + LEEWAY <= now:
        raise BadToken("The token has expired.")
    if max(issued, starts) > now + LEEWAY:
        raise BadToken("The token is not valid yet.")
    if not 0 < expires - issued <= MAX_LIFE.total_seconds():
        raise BadToken("The token lives too long.")
    account, session = (
        parse_id(value) if isinstance(value := payload[name], str) else None for name in ("sub", "sid")
    )
    if account is None or session is None:
        raise BadToken("The token names nobody.")
    only = payload.get("only", "")
    if not isinstance(only, str):
        raise BadToken("The token is for no command.")
    return Claims(account, session, expires, expires - issued, only, payload.get("proved") is True)


def _moment(payload: Mapping[str, Any], name: str) -> int:
    value = payload[name]
    if type(value) is not int or not 0 <= value < _MAX_TIME:
        raise BadToken("A time in the token is not a time.")
    return value
