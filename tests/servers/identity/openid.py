"""Google and Telegram: they publish their addresses and keys, and sign what they say."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.servers.identity.provider import CLIENT, Provider


class OpenId(Provider):
    """Google and Telegram."""

    SCOPE = "openid email profile"

    def __init__(self) -> None:
        super().__init__()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "key-1"
        self.claims: dict[str, Any] = {}
        """What an identity token says otherwise than it should; None: it does not say it."""
        self.signed: Any = None
        """Makes the token of its claims in another way than the right one."""
        self.names_itself = True

    @property
    def public(self) -> dict[str, Any]:
        key: dict[str, Any] = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return key | {"kid": self.kid, "alg": "RS256", "use": "sig"}

    def get(self, path: str, query: dict[str, str], headers: Any) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "authorization_response_iss_parameter_supported": self.names_itself,
            }
        if path == "/keys":
            return {"keys": [self.public]}
        return super().get(path, query, headers)

    def post(self, path: str, form: dict[str, str], headers: Any) -> Any:
        if path != "/token":
            return super().post(path, form, headers)
        asked = self._exchange(form, headers)
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": self.person.subject, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "name": self.person.name,
        } | self.person.claims | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.signed(claims) if self.signed else self.sign(claims)
        return {"access_token": self._new_token(), "token_type": "Bearer", "id_token": token}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, "RS256", {"kid": self.kid})

    def _with_code(self) -> dict[str, str]:
        return {"iss": self.address} if self.names_itself else {}
