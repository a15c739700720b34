"""What a page hands to the browser so that it makes or uses a passkey, as WebAuthn writes it in JSON."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from write_side.accounts.factors.totp import ISSUER
from write_side.accounts.passkeys.challenges import CHALLENGE_LIVES
from write_side.accounts.passkeys.site import PasskeySite

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256 and RS256 as COSE numbers them, the best first; older Windows machines have the last alone."""

_MILLISECONDS = int(CHALLENGE_LIVES.total_seconds()) * 1_000


class KnownPasskey(NamedTuple):
    """A passkey that an account has, as a browser finds it."""

    credential: bytes
    transports: list[str]


def creation_options(
    site: PasskeySite, account: UUID, name: str, challenge: bytes, known: Iterable[KnownPasskey]
) -> dict[str, Any]:
    """Return what `navigator.credentials.create` takes, after `parseCreationOptionsFromJSON`.

    Args:
        site: for which it will be.
        account: whose; its id is all that the authenticator tells us of him later.
        name: of the account, as the authenticator shows it.
        challenge: to be signed.
        known: which the account has: none is made where one of them is.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import (
        AttestationConveyancePreference,
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.id,
        rp_name=ISSUER,
        user_id=account.bytes,
        user_name=name,
        challenge=challenge,
        timeout=_MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
    )
    return options_to_json_dict(options)


def request_options(
    site: PasskeySite, challenge: bytes, known: Iterable[KnownPasskey] = ()
) -> dict[str, Any]:
    """Return what `navigator.credentials.get` takes, after `parseRequestOptionsFromJSON`.

    Args:
        site: for which the passkey is.
        challenge: to be signed.
        known: which may sign; none: the browser offers those that it finds, and their owner chooses.
    """
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _descriptors(known: Iterable[KnownPasskey]) -> list[Any]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(
            id=one.credential, transports=[AuthenticatorTransport(way) for way in one.transports] or None
        )
        for one in known
    ]
