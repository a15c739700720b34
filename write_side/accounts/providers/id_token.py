"""The signed word of a provider about somebody (OpenID Connect Core, 3.1.3.7), and the keys to check it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from jwt import PyJWK

from kit.errors import Problem
from write_side.accounts.problem_types import PROVIDER_REFUSED

LONGEST = 16_384
"""Characters of a token that is looked at."""

MOST_KEYS = 50

LEEWAY = 60
"""Seconds by which clocks may differ."""

KEYS_LIVE = 3_600.0
"""Seconds that the keys of a provider are used without being asked for again."""

ASK_AGAIN = 60.0
"""Seconds before an unknown name of a key lets the keys be asked for once more."""


class ProviderKeys:
    """The public keys of a provider, by their names; those that are no signature keys are left out."""

    def __init__(self) -> None:
        self._keys: dict[str, PyJWK] = {}
        self._asked = float("-inf")

    def wanted(self, token: str) -> bool:
        """Tell whether the keys are to be asked for before this token is looked at."""
        age = time.monotonic() - self._asked
        return age > KEYS_LIVE or (age > ASK_AGAIN and _header(token).get("kid") not in self._keys)

    def set(self, document: Mapping[str, Any]) -> None:
        """Take what the provider publishes (RFC 7517)."""
        self._asked = time.monotonic()
        found = document.get("keys")
        self._keys = {}
        for one in found[:MOST_KEYS] if isinstance(found, list) else ():
            if isinstance(one, dict) and isinstance(one.get("kid"), str) and one.get("kty") != "oct":
                try:
                    self._keys[one["kid"]] = PyJWK(one)
                except jwt.PyJWTError:
                    continue

    def claims(
        self, token: str, *, algorithms: Sequence[str], issuer: str, audience: str, nonce: str
    ) -> Mapping[str, Any]:
        """Return what a token says, after everything that makes it worth believing was checked.

        Args:
            token: the compact form.
            algorithms: those that may sign; the key says which of them, never the token.
            issuer: who must have made it.
            audience: our client id.
            nonce: of the attempt.

        Raises:
            Problem: 403, it is not to be believed.
        """
        key = self._keys.get(str(_header(token).get("kid"))) if len(token) <= LONGEST else None
        if key is None or key.algorithm_name not in algorithms:
            raise Problem(PROVIDER_REFUSED)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise Problem(PROVIDER_REFUSED) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims["nonce"] != nonce or (several and claims.get("azp") != audience):
            raise Problem(PROVIDER_REFUSED)
        return claims


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token) if len(token) <= LONGEST else {}
    except jwt.PyJWTError:
        return {}
