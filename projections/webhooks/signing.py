"""What a request to an endpoint says of itself: Standard Webhooks, signed for this try."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook

CONTENT_TYPE = "application/cloudevents+json"


def headers(secrets: Iterable[bytes], event: UUID, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of one try.

    Args:
        secrets: in force; the receiver has one of them.
        event: its id, the same at each try: the receiver drops what it has seen.
        body: UTF-8, exactly what is sent.
        at: now, in UTC; a receiver takes nothing that is older than five minutes.
    """
    text = body.decode("utf-8")
    said = " ".join(Webhook(secret).sign(str(event), at, text) for secret in secrets)
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": str(event),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": said,
    }
