"""An authenticator in software with a browser around it: it makes and uses passkeys, and lies on request."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kit import clock

EDDSA, ES256, ES384, RS256 = -8, -7, -35, -257

_PRESENT, _VERIFIED, _CAN_BE_COPIED, _COPIED, _MADE = 1, 4, 8, 16, 64


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


@dataclass
class Key:
    """A passkey with its private half."""

    id: bytes
    algorithm: int
    private: Any
    user: bytes
    count: int

    @property
    def cose(self) -> dict[int, Any]:
        """The public half, as COSE writes it (RFC 9053)."""
        public = self.private.public_key()
        if self.algorithm == EDDSA:
            return {1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        if self.algorithm == RS256:
            size = (public.key_size + 7) // 8
            return {1: 3, 3: RS256, -1: numbers.n.to_bytes(size), -2: numbers.e.to_bytes(3)}
        curve, size = (1, 32) if self.algorithm == ES256 else (2, 48)
        x, y = numbers.x.to_bytes(size), numbers.y.to_bytes(size)
        return {1: 2, 3: self.algorithm, -1: curve, -2: x, -3: y}

    def sign(self, data: bytes) -> bytes:
        signed: bytes
        if self.algorithm == EDDSA:
            signed = self.private.sign(data)
        elif self.algorithm == RS256:
            signed = self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            hash_ = hashes.SHA256() if self.algorithm == ES256 else hashes.SHA384()
            signed = self.private.sign(data, ec.ECDSA(hash_))
        return signed


def private_key(algorithm: int, bits: int = 2_048) -> Any:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    return ec.generate_private_key(ec.SECP256R1() if algorithm == ES256 else ec.SECP384R1())


def certificate(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Return what a maker says of a key of his."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation")])
    day = timedelta(days=1)
    made = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    made = made.not_valid_before(clock.now() - day).not_valid_after(clock.now() + day)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass
class Authenticator:
    """What somebody has in his pocket, and the browser that asks it. Every field can be set to lie."""

    origin: str
    """Of the page that asks."""
    algorithm: int = ES256
    counts: bool = True
    """Whether it counts how often it was used; passkeys that are copied to other devices do not."""
    can_be_copied: bool = False
    copied: bool = False
    verified: bool = True
    """Whether it recognised its owner."""
    present: bool = True
    site: str | None = None
    """For which it answers, in place of the one that was asked for."""
    in_frame: bool = False
    """Whether the page stands in one of another site."""
    kind: str | None = None
    """What the browser says that it was asked for."""
    attestation: tuple[str, dict[str, Any]] = ("none", {})
    signs_itself: bool = False
    """Whether a new key vouches for itself."""
    by_maker: bool = False
    """Whether its maker vouches for it, as he may: with a certificate."""
    cose: dict[int, Any] | None = None
    """The public half as it says it is."""
    id: bytes = b""
    """As a new passkey calls itself; empty: by chance."""
    handle: bytes | None = b""
    """Whom a passkey names; empty: its owner; None: nobody."""
    challenge: str | None = None
    after: bytes = b""
    """What stands after all that was signed."""
    keys: list[Key] = field(default_factory=list)

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what `navigator.credentials.create` gives, as `toJSON()` writes it."""
        key = Key(
            self.id or secrets.token_bytes(32),
            self.algorithm,
            private_key(self.algorithm),
            unbase64url(options["user"]["id"]),
            0,
        )
        self.keys.append(key)
        client_data = self._client_data("webauthn.create", options["challenge"])
        cose = cbor2.dumps(key.cose if self.cose is None else self.cose)
        data = self._data(options["rp"]["id"], _MADE, key)
        data += bytes(16) + len(key.id).to_bytes(2) + key.id + cose + self.after
        format_, statement = self.attestation
        signed = data + hashlib.sha256(client_data).digest()
        if self.signs_itself:
            format_, statement = "packed", {"alg": key.algorithm, "sig": key.sign(signed)}
        if self.by_maker:
            maker = Key(b"", ES256, private_key(ES256), b"", 0)
            chain = [certificate(maker.private)]
            format_, statement = "packed", {"alg": ES256, "sig": maker.sign(signed), "x5c": chain}
        attestation = cbor2.dumps({"fmt": format_, "attStmt": statement, "authData": data})
        response = {
            "clientDataJSON": base64url(client_data),
            "attestationObject": base64url(attestation),
            "authenticatorData": base64url(data),
            "transports": ["internal", "hybrid", "telepathy"],
            "publicKeyAlgorithm": key.algorithm,
        }
        return _credential(key.id, response)

    def use(self, options: dict[str, Any], key: Key | None = None) -> dict[str, Any]:
        """Return what `navigator.credentials.get` gives, as `toJSON()` writes it."""
        key = key or self.keys[-1]
        key.count += 1 if self.counts else 0
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(options["rpId"], 0, key) + self.after
        handle = key.user if self.handle == b"" else self.handle
        response = {
            "clientDataJSON": base64url(client_data),
            "authenticatorData": base64url(data),
            "signature": base64url(key.sign(data + hashlib.sha256(client_data).digest())),
            "userHandle": None if handle is None else base64url(handle),
        }
        return _credential(key.id, response)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {
            "type": self.kind or kind,
            "challenge": challenge if self.challenge is None else self.challenge,
            "origin": self.origin,
            "crossOrigin": self.in_frame,
        }
        return json.dumps(said).encode()

    def _data(self, site: str, flags: int, key: Key) -> bytes:
        for said, flag in (
            (self.present, _PRESENT),
            (self.verified, _VERIFIED),
            (self.can_be_copied, _CAN_BE_COPIED),
            (self.copied, _COPIED),
        ):
            flags |= flag if said else 0
        asked = hashlib.sha256((self.site or site).encode()).digest()
        return asked + bytes([flags]) + key.count.to_bytes(4)


def _credential(id_: bytes, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": base64url(id_),
        "rawId": base64url(id_),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    }
