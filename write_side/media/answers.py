"""What routes of media answer, described for OpenAPI."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from events.media import KeptType
from kit.http.described import Described, ProblemDocument, example
from kit.storage.parts import PART
from write_side.http.answers import Answers

ID = "0c17f2e9-2ddc-5cb8-bd8c-72a8ee0f0a48"
UPLOAD = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
ACCOUNT = "019a8d10-7c1e-7b54-8b1d-5a0c2f6e9d37"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class UploadBegun(Described):
    """A form by which one file can be sent: its fields in this order, then the file as `file`."""

    model_config = example(
        {
            "id": UPLOAD,
            "url": "/v1/media/uploads/file",
            "fields": {
                "key": f"uploads/{ACCOUNT}/{UPLOAD}-{SHA256}.bin",
                "Content-Type": "image/jpeg",
                "policy": "eyJrZXkiOi4uLn0=",
                "signature": "0a1b2c",
            },
            "expires_at": "2026-01-31T12:15:00Z",
        }
    )

    id: UUID
    """Of the upload, for `POST /v1/media`."""
    url: str
    """Where the form is sent to, as multipart/form-data: in the S3, or here. A path is one of this API."""
    fields: dict[str, str]
    expires_at: datetime
    """Until when it is taken."""


class SendablePart(Described):
    """A part of a file that has not arrived: by a PUT, its bytes are the body and nothing else."""

    number: int = Field(ge=1)
    first: int = Field(ge=0)
    """Its first byte in the file, from 0."""
    size: int = Field(ge=1)
    """Bytes, exactly."""
    url: str
    """Where it is sent to: the S3, or a path of this API."""


class PartsLeft(Described):
    """What of a large file has arrived, and what can be sent: in any order, at once, and again."""

    model_config = example(
        {
            "id": UPLOAD,
            "size": 20000000,
            "arrived": [1],
            "parts": [
                {
                    "number": 2,
                    "first": PART,
                    "size": PART,
                    "url": "/v1/media/uploads/parts/2?policy=eyJrZXkiOi4uLn0%3D&signature=0a1b2c",
                },
                {
                    "number": 3,
                    "first": 2 * PART,
                    "size": 20000000 - 2 * PART,
                    "url": "/v1/media/uploads/parts/3?policy=eyJrZXkiOi4uLn0%3D&signature=0a1b2d",
                },
            ],
            "expires_at": "2026-01-31T12:15:00Z",
        }
    )

    id: UUID
    """Of the upload, for `GET /v1/media/uploads/{id}` and `POST /v1/media`."""
    size: int = Field(ge=1)
    """Bytes of the whole file."""
    arrived: list[int]
    """Numbers of the parts that are there."""
    parts: list[SendablePart]
    """Those that are not; when it is empty, the file can be confirmed."""
    expires_at: datetime
    """Until when these addresses are good. Ask for others then."""


class MediaReceipt(Described):
    """What became of a command: the same for every retry under one Idempotency-Key."""

    model_config = example(
        {
            "id": ID,
            "version": 2,
            "sha256": SHA256,
            "size": 182344,
            "type": "image/jpeg",
            "width": 1600,
            "height": 1067,
            "suppressed": False,
            "position": 172,
        }
    )

    id: UUID
    """The picture: the same for the same file, no matter who sends it."""
    version: int = Field(ge=1)
    """Version of its stream: what the next command names in If-Match."""
    sha256: str
    """Of the file as it was sent."""
    size: int
    """Bytes of the picture as it is kept."""
    type: KeptType
    width: int
    height: int
    suppressed: bool
    """Whether it is shown to nobody."""
    position: int = Field(ge=1)
    """Position in the log of the command's last event, for `?after=`."""


ANSWERS = Answers("picture", MediaReceipt, ProblemDocument, ProblemDocument, ProblemDocument)
