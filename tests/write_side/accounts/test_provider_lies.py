"""What a provider cannot have said, or not to us, or not now, lets nobody in."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.given.people import People
from tests.servers.identity.openid import OpenId
from tests.servers.identity.provider import CLIENT
from tests.servers.identity.sent import browser, refusal


def _none(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", "none", {"kid": "key-1"})


def _hs256(provider: OpenId) -> Callable[[dict[str, Any]], str]:
    """Sign with the public key as if it were a secret both share."""
    pem = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def packed(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    def signed(claims: dict[str, Any]) -> str:
        head = packed(json.dumps({"alg": "HS256", "kid": "key-1", "typ": "JWT"}).encode())
        said = head + b"." + packed(json.dumps(claims).encode())
        return (said + b"." + packed(hmac.digest(pem, said, hashlib.sha256))).decode()

    return signed


def _foreign(claims: dict[str, Any]) -> str:
    """Sign with a key of one's own that the token itself brings along."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwt.encode(claims, key, "RS256", {"kid": "key-1", "jwk": own})


LIES: dict[str, Callable[[OpenId], None]] = {
    "alg none": lambda p: setattr(p, "signed", _none),
    "HS256 with the public key": lambda p: setattr(p, "signed", _hs256(p)),
    "a key of its own": lambda p: setattr(p, "signed", _foreign),
    "another audience": lambda p: p.claims.update(aud="somebody-else"),
    "several audiences": lambda p: p.claims.update(aud=[CLIENT, "somebody-else"]),
    "another issuer": lambda p: p.claims.update(iss="https://elsewhere.example"),
    "expired": lambda p: p.claims.update(exp=int(time.time()) - 120),
    "no end": lambda p: p.claims.update(exp=None),
    "another nonce": lambda p: p.claims.update(nonce="another"),
    "no nonce": lambda p: p.claims.update(nonce=None),
    "nobody": lambda p: p.claims.update(sub=None),
    "an endless subject": lambda p: p.claims.update(sub="1" * 256),
    "no token": lambda p: setattr(p, "signed", lambda _claims: ""),
    "a long token": lambda p: setattr(p, "signed", lambda _claims: "a" * 100_000),
    "came back from elsewhere": lambda p: p.back.update(iss="https://elsewhere.example"),
    "came back from nowhere": lambda p: p.back.update(iss=""),
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_a_provider_cannot_have_said_lets_nobody_in(
    people: People, database: str, lie: str
) -> None:
    async with browser(people, database, "google") as one:
        LIES[lie](one.provider)
        assert (403, "provider-refused") == await refusal(one.signed_in())
        assert 0 == await people.owner.fetchval(
            "select count(*) from auth.account where name = 'Anna Petrova'"
        )
