"""What browsers give of a passkey, as WebAuthn writes it in JSON (level 3, section 5.1): `toJSON()` of it."""

from typing import Annotated

from pydantic import ConfigDict, Field

from kit.http.requests.body import Body

_BASE64URL = "^[A-Za-z0-9_-]*$"

Credential = Annotated[str, Field(min_length=1, max_length=1_364, pattern=_BASE64URL)]
"""What a passkey is called by the device that has it: 1 to 1,023 bytes."""

Written = Annotated[str, Field(max_length=8_000, pattern=_BASE64URL)]
"""Bytes without padding (RFC 4648, section 5); the longest that browsers send has about 1,500 characters."""


class OfBrowser(Body):
    """Base of what a browser writes: what newer ones tell besides is no mistake of the page, and not read."""

    model_config = ConfigDict(extra="allow")


class UseOfPasskey(OfBrowser):
    """What it answered."""

    client_data: Annotated[Written, Field(alias="clientDataJSON")]
    authenticator_data: Annotated[Written, Field(alias="authenticatorData")]
    signature: Written
    user_handle: Annotated[Written | None, Field(alias="userHandle")] = None
    """Whose it says to be."""


class ShownPasskey(OfBrowser):
    """A passkey that was used: what `navigator.credentials.get` gave."""

    id: Credential
    response: UseOfPasskey


class MakingOfPasskey(OfBrowser):
    """What it answered."""

    client_data: Annotated[Written, Field(alias="clientDataJSON")]
    attestation: Annotated[Written, Field(alias="attestationObject")]
    transports: Annotated[
        list[Annotated[str, Field(max_length=20)]], Field(max_length=10, default_factory=list)
    ]
    """How it may be reached."""


class MadePasskey(OfBrowser):
    """A passkey that was made: what `navigator.credentials.create` gave."""

    id: Credential
    response: MakingOfPasskey
