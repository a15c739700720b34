"""What is to be believed of a browser's answer: all that WebAuthn asks for (level 3, sections 7.1 and 7.2).

The library `webauthn` compares most of it. What it leaves to us is done here: the page may not stand in a
frame of another site, nobody is asked who made the authenticator, keys have to be good for what they say, and
a passkey that could not be copied to other devices has not become one that can.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from kit.errors import Problem, ProblemType
from write_side.accounts.passkeys.options import ALGORITHMS
from write_side.accounts.passkeys.site import PasskeySite
from write_side.accounts.problem_types import PASSKEY_NOT_TAKEN, PASSKEY_REFUSED

_BASE64URL = re.compile("[A-Za-z0-9_-]*")

LONGEST_NAME = 1_023
"""Bytes of what an authenticator calls a passkey."""

_RSA_BITS = range(2_048, 4_097)
_RSA_EXPONENT = 65_537
"""As all authenticators have it; with another one a signature could take as long as somebody likes."""


class NewPasskey(NamedTuple):
    """A passkey that was made for us."""

    credential: bytes
    public_key: bytes
    sign_count: int
    can_be_copied: bool
    copied: bool
    transports: list[str]


class UsedPasskey(NamedTuple):
    """What a passkey that has signed says of itself."""

    sign_count: int
    copied: bool


class _Unlike(Exception):  # noqa: N818 - what it is
    """An answer is not what was asked for."""


def from_base64url(text: str) -> bytes:
    """Return the bytes that a text stands for, written without padding (RFC 4648, section 5).

    Raises:
        ValueError: it is none.
    """
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def challenge_of(said: Mapping[str, Any], refusal: ProblemType) -> bytes:
    """Return the challenge that an answer is to.

    Args:
        said: a PublicKeyCredential in JSON, of which the form is known to be right.
        refusal: raised where none can be read.
    """
    from webauthn.helpers import parse_client_data_json

    with _whatever_it_is(refusal):
        return parse_client_data_json(from_base64url(said["response"]["clientDataJSON"])).challenge


def made(site: PasskeySite, said: Mapping[str, Any], challenge: bytes) -> NewPasskey:
    """Return the passkey that somebody made.

    Args:
        site: for which he was asked to.
        said: what `navigator.credentials.create` gave, in JSON.
        challenge: which it has to answer.

    Raises:
        Problem: 422, it is not one that was asked for.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import AuthenticatorTransport, CredentialDeviceType

    response = said["response"]
    with _whatever_it_is(PASSKEY_NOT_TAKEN):
        _refuse_attestation(from_base64url(response["attestationObject"]))
        found = verify_registration_response(
            credential=_credential(said, "clientDataJSON", "attestationObject"),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=_origin(site, response["clientDataJSON"]),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
        )
        if found.credential_id != from_base64url(said["id"]) or len(found.credential_id) > LONGEST_NAME:
            raise _Unlike
        _refuse_key(found.credential_public_key)
    known = {one.value for one in AuthenticatorTransport}
    return NewPasskey(
        found.credential_id,
        found.credential_public_key,
        found.sign_count,
        found.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        found.credential_backed_up,
        sorted(known.intersection(response.get("transports", ()))),
    )


def used(
    site: PasskeySite, said: Mapping[str, Any], challenge: bytes, *, public_key: bytes, can_be_copied: bool
) -> UsedPasskey:
    """Return what a passkey says of itself that has signed a challenge; its count is not compared yet.

    Args:
        site: for which it is.
        said: what `navigator.credentials.get` gave, in JSON.
        challenge: which it has to answer.
        public_key: its other half is to have signed.
        can_be_copied: whether it could be when it was made.

    Raises:
        Problem: 401, it has not.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.structs import CredentialDeviceType

    with _whatever_it_is(PASSKEY_REFUSED):
        found = verify_authentication_response(
            credential=_credential(said, "clientDataJSON", "authenticatorData", "signature"),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=_origin(site, said["response"]["clientDataJSON"]),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        if (found.credential_device_type == CredentialDeviceType.MULTI_DEVICE) != can_be_copied:
            raise _Unlike
    return UsedPasskey(found.new_sign_count, found.credential_backed_up)


@contextmanager
def _whatever_it_is(refusal: ProblemType) -> Iterator[None]:
    """Refuse what cannot be read or believed; whatever the libraries below raise, a stranger caused it."""
    try:
        yield
    except Exception:  # noqa: BLE001 - they promise no list
        raise Problem(refusal) from None


def _credential(said: Mapping[str, Any], *members: str) -> dict[str, Any]:
    """Return what the library takes, of members whose form is known alone."""
    response = {name: said["response"][name] for name in members}
    return {"id": said["id"], "rawId": said["id"], "type": "public-key", "response": response}


def _origin(site: PasskeySite, client_data: str) -> str:
    """Return the origin of the page that asked, if it is ours and no frame in a page of another site."""
    from webauthn.helpers import parse_client_data_json

    said = parse_client_data_json(from_base64url(client_data))
    if said.cross_origin or not site.has_page(said.origin):
        raise _Unlike
    return said.origin


def _refuse_attestation(attestation: bytes) -> None:
    """Refuse a word about who made the authenticator, since none was asked for.

    That a new key has signed itself is no such word: browsers leave it as it is.
    """
    from webauthn.helpers import parse_attestation_object
    from webauthn.helpers.structs import AttestationFormat

    said = parse_attestation_object(attestation)
    by_itself = said.fmt == AttestationFormat.PACKED and said.att_stmt.x5c is None
    if said.fmt != AttestationFormat.NONE and not by_itself:
        raise _Unlike


def _refuse_key(public_key: bytes) -> None:
    """Refuse a key that is not good for the algorithm that it names: nobody could ever sign in with it."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    good = {
        -8: isinstance(key, Ed25519PublicKey),
        -7: isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1),
        -257: isinstance(key, RSAPublicKey)
        and key.key_size in _RSA_BITS
        and key.public_numbers().e == _RSA_EXPONENT,
    }
    if not good[decoded.alg]:
        raise _Unlike
