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


def signed(ticket: UploadTicket, secret: bytes) -> tuple[str, str]:
    """Return a ticket as text, and its signature."""
    policy = base64.urlsafe_b64encode(msgspec.json.encode(ticket)).decode()
    return policy, _signature(policy, secret)


def read(policy: str, signature: str, secret: bytes) -> UploadTicket | None:
    """Return a ticket that we signed; None: we did not."""
    if not hmac.compare_digest(_signature(policy, secret).encode(), signature.encode()):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(policy), type=UploadTicket)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return None


def _signature(policy: str, secret: bytes) -> str:
    return hmac.new(secret, b"upload ticket\0" + policy.encode(), hashlib.sha256).hexdigest()
