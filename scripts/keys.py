"""The keys of a process: which file signs, which others are believed, and what is wrong with one."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.auth.keys import SigningKey, accepted_keys, load_public_keys, load_signing_key
from kit.auth.tokens import Verifier
from kit.errors import Refused
from kit.settings import Settings

MAKE = "`openssl genpkey -algorithm ed25519 -out signing-key.pem` makes one"
PUBLIC = "`openssl pkey -in old.pem -pubout` makes the public half of a key"


def signing_key(settings: Settings) -> SigningKey:
    """Return the key that signs tokens.

    Raises:
        Refused: there is none, or it cannot be used; with the setting, the file and the mend.
    """
    path = settings.signing_key_file or settings.state / "signing-key.pem"
    with _named("FRANKENJET_SIGNING_KEY_FILE", MAKE):
        if settings.signing_key_file is None and not path.exists():
            raise Refused(
                [f"FRANKENJET_SIGNING_KEY_FILE: not set, and `up` has made no key in {path.parent}; {MAKE}"]
            )
        return load_signing_key(path)


def verifier(settings: Settings) -> Verifier:
    """Return what checks tokens: by our own key and by further ones that are still accepted.

    Raises:
        Refused: a key cannot be used; with the setting, the file and the mend.
    """
    return Verifier(accepted_keys(signing_key(settings), public_keys(settings)))


def public_keys(settings: Settings) -> dict[str, Ed25519PublicKey]:
    """Return the further keys whose tokens are still believed.

    Raises:
        Refused: one cannot be used; with the setting, the file and the mend.
    """
    with _named("FRANKENJET_VERIFY_KEY_FILES", PUBLIC):
        return load_public_keys(settings.verify_key_files)


@contextmanager
def _named(setting: str, mend: str) -> Iterator[None]:
    """Say of which setting a file is that cannot be used, and how to come to one that can."""
    try:
        yield
    except OSError as error:
        raise Refused([f"{setting}: {error.filename}: {error.strerror}; {mend}"]) from error
    except ValueError as error:
        raise Refused([f"{setting}: {error}; {mend}"]) from error
