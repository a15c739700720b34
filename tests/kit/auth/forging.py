"""Signs anything with our own key, and bends what was signed."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.auth.keys import SigningKey, key_id
from kit.auth.tokens import BadToken, Verifier
from kit.ids import new_id

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def signing_key() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    return SigningKey(key_id(private.public_key()), private)


KEY = signing_key()
PUBLIC = KEY.private.public_key()
ACCOUNT, SESSION = new_id(), new_id()
GOOD: dict[str, Any] = {
    "iss": "frankenjet",
    "aud": "frankenjet-api",
    "sub": str(ACCOUNT),
    "sid": str(SESSION),
    "jti": str(new_id()),
    "iat": SECONDS,
    "exp": SECONDS + 900,
}
HEADER: dict[str, Any] = {"typ": "at+jwt", "kid": KEY.kid}


def verifier() -> Verifier:
    return Verifier({KEY.kid: PUBLIC})


def refusal(token: str, now: float = SECONDS) -> str:
    with pytest.raises(BadToken) as raised:
        verifier().verify(token, now)
    return str(raised.value)


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(claims: Any = None, header: dict[str, Any] | None = None) -> str:
    """Sign anything with our own key, as a mistake of ours would."""
    head = {"alg": "EdDSA", **HEADER} if header is None else header
    text = f"{part(head)}.{part(GOOD if claims is None else claims)}"
    return f"{text}.{part(KEY.private.sign(text.encode()))}"
