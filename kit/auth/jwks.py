"""The public keys that may have signed a token, in the form that others read (RFC 7517, RFC 8037)."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Response

from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.requests.body import StrictRoute

SECONDS = 300
"""Time that the answer may be kept: a new key is listed for longer before anything is signed with it."""


class PublicKey(Described):
    """An Ed25519 key that tokens are checked with."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    """The `kid` in the header of a token that was signed with it."""
    x: str
    """The key itself, in base64url."""


class PublicKeys(Described):
    """All keys whose tokens are accepted now."""

    model_config = example(
        {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "alg": "EdDSA",
                    "use": "sig",
                    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                }
            ]
        }
    )

    keys: list[PublicKey]


def jwks_route(keys: Mapping[str, Ed25519PublicKey]) -> DeferredRoute:
    """Return the route that lists public keys, by their ids."""
    listed = [PublicKey(kid=kid, x=_base64url(keys[kid])) for kid in sorted(keys)]
    body = PublicKeys(keys=listed).model_dump_json().encode()
    headers = {"Cache-Control": f"public, max-age={SECONDS}"}

    async def jwks() -> Response:
        """Return the public keys that tokens are checked with. While keys are changed there are two."""
        return Response(body, media_type="application/json", headers=headers)

    def rest() -> Rest:
        return partial(
            StrictRoute,
            endpoint=jwks,
            tags=["sessions"],
            summary="Read the keys that tokens are checked with",
            operation_id="read_keys",
            response_class=Response,
            responses={200: {"model": PublicKeys}},
        )

    return DeferredRoute("GET", "/.well-known/jwks.json", rest)


def _base64url(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
