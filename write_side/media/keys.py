"""Keys of files of media in storage: of what waits to be confirmed, of what is kept, of its variants."""

from datetime import UTC, datetime
from uuid import UUID

from kit.ids import parse_id
from kit.pictures.formats import ENDINGS
from kit.pictures.variants import STORED

FORMS = "/v1/media/uploads/file"
"""Where forms are sent to that no S3 takes."""

PARTS = "/v1/media/uploads/parts"
"""Where parts of large files are sent to that no S3 takes, each below it by its number."""

WAITING = "uploads/"
"""Where files wait; the keys are in the order of the moments at which their forms were asked for."""

KEPT = "pictures/"

ANNOUNCED = ".parts"
"""What the names of objects end with that stand for files whose parts are coming."""

AVATARS = "avatars/"
"""Where pictures of people are. Their names tell nobody."""

OURS = (WAITING, KEPT, AVATARS, STORED)
"""What all keys of ours begin with."""

_ID = 36


def waiting_key(upload: UUID, account: UUID, sha256: str) -> str:
    """Return where a file waits: nobody but its account leads there, and it says itself what it has to be."""
    return f"{WAITING}{upload}-{account}-{sha256}.bin"


def announced_key(upload: UUID, account: UUID) -> str:
    """Return where it is said what a large file has to be whose parts are coming; it begins as the file's."""
    return f"{WAITING}{upload}-{account}{ANNOUNCED}"


def waiting_beside(announced: str, sha256: str) -> str:
    """Return where a large file waits that is announced under a key."""
    return f"{announced.removesuffix(ANNOUNCED)}-{sha256}.bin"


def asked_at(key: str) -> datetime | None:
    """Return when a waiting file was announced, as its id tells (UUIDv7); None: no such key."""
    upload = parse_id(key.removeprefix(WAITING)[:_ID])
    return None if upload is None else datetime.fromtimestamp((upload.int >> 80) / 1000, UTC)


def account_of(key: str) -> UUID | None:
    """Return whose a waiting file is, or what announces one; None: it is no such key."""
    return parse_id(key.removeprefix(WAITING)[_ID + 1 : 2 * _ID + 1])


def kept_key(sha256: str, media_type: str) -> str:
    """Return where a picture is kept: the same bytes at the same place."""
    return f"{KEPT}{sha256[:2]}/{sha256}.{ENDINGS[media_type]}"
