"""Ed25519 keys: one signs, several verify, each known by an id that is made from the key itself."""

import base64
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_log = structlog.get_logger("keys")


@dataclass(frozen=True)
class SigningKey:
    """A private key and the id under which its public half is known."""

    kid: str
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.kid})"


def key_id(public: Ed25519PublicKey) -> str:
    """Return the JWK thumbprint of a public key (RFC 7638, RFC 8037): 43 characters, the same everywhere."""
    x = _base64url(public.public_bytes_raw())
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def ensure_signing_key(path: Path) -> None:
    """Make a private key in PEM, readable by its owner alone, unless there is a file already.

    Of several processes at the same time one makes it; nobody ever sees half of it.

    Raises:
        OSError: when the folder cannot be written.
    """
    if path.exists():
        return
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was quicker: its key stays
        except FileExistsError:
            return
    finally:
        draft.unlink()


def load_signing_key(path: Path) -> SigningKey:
    """Read a private key in PEM.

    Warns when others than its owner may read it, which mounted secrets sometimes cannot avoid.

    Raises:
        OSError: when it cannot be read.
        ValueError: when it is no unencrypted Ed25519 private key, or anybody may overwrite it.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IWOTH:
        raise ValueError(f"{path}: anybody may overwrite this key; make it private: chmod 600")
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        _log.warning(
            "signing key is readable by others", path=str(path), mode=f"{mode:o}", remedy="chmod 600"
        )
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"{path}: not an unencrypted private key in PEM") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError(f"{path}: not an Ed25519 key")  # noqa: TRY004 - the content of a file is a value
    return SigningKey(key_id(private.public_key()), private)


def load_public_keys(paths: Iterable[Path]) -> dict[str, Ed25519PublicKey]:
    """Read further public keys in PEM whose tokens are still accepted, by their ids.

    Raises:
        OSError: when one cannot be read.
        ValueError: when one is no Ed25519 public key.
    """
    found: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        try:
            public = serialization.load_pem_public_key(path.read_bytes())
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError(f"{path}: not a public key in PEM") from None
        if not isinstance(public, Ed25519PublicKey):
            raise ValueError(f"{path}: not an Ed25519 key")  # noqa: TRY004 - the content of a file is a value
        found[key_id(public)] = public
    return found


def accepted_keys(
    signing: SigningKey, further: Mapping[str, Ed25519PublicKey] | None = None
) -> dict[str, Ed25519PublicKey]:
    """Return every public key that may have signed a token: our own and the further ones."""
    return {**(further or {}), signing.kid: signing.private.public_key()}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
