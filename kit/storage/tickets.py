"""Tickets of uploads to the file system: what may be sent until when, signed, as the policies of S3 are."""

import base64
import binascii
import hashlib
import hmac

import msgspec


class UploadTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be sent."""

    key: str
    type: str
    size: int
    """Bytes, exactly."""
    expires: int
    """Second since 1970 from which it is good for nothing."""


class PartTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be sent as a part of an upload."""

    key: str
    upload: str
    """Name of the upload in the storage."""
    number: int
    """From 1."""
    size: int
    """Bytes, exactly."""
    expires: int
    """Second since 1970 from which it is good for nothing."""


def signed(ticket: UploadTicket | PartTicket, secret: bytes) -> tuple[str, str]:
    """Return a ticket as text, and its signature."""
    policy = base64.urlsafe_b64encode(msgspec.json.encode(ticket)).decode()
    return policy, _signature(policy, secret)


def read[T: (UploadTicket, PartTicket)](
    policy: str, signature: str, secret: bytes, kind: type[T]
) -> T | None:
    """Return a ticket of this kind that we signed; None: we did not."""
    if not hmac.compare_digest(_signature(policy, secret).encode(), signature.encode()):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(policy), type=kind)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return None


def _signature(policy: str, secret: bytes) -> str:
    return hmac.new(secret, b"upload ticket\0" + policy.encode(), hashlib.sha256).hexdigest()
