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
"""Where files wait, those of each account together, in the order in which they were announced."""

KEPT = "pictures/"

ANNOUNCED = ".parts"
"""What the names of objects end with that stand for files whose parts are coming."""

REFUSED = ".refused"
"""What the names of objects end with that are kept in place of files that were refused."""

AVATARS = "avatars/"
"""Where pictures of people are. Their names tell nobody."""

OURS = (WAITING, KEPT, AVATARS, STORED)
"""What all keys of ours begin with."""

_ID = 36


def waiting_below(account: UUID) -> str:
    """Return what the keys of all begin with that waits of an account."""
    return f"{WAITING}{account}/"


def waiting_key(upload: UUID, account: UUID, sha256: str) -> str:
    """Return where a file waits: nobody but its account leads there, and it says itself what it has to be."""
    return f"{waiting_below(account)}{upload}-{sha256}.bin"


def announced_key(upload: UUID, account: UUID) -> str:
    """Return where it is said what a large file has to be whose parts are coming; it begins as the file's."""
    return f"{waiting_below(account)}{upload}{ANNOUNCED}"


def waiting_beside(announced: str, sha256: str) -> str:
    """Return where a large file waits that is announced under a key."""
    return f"{announced.removesuffix(ANNOUNCED)}-{sha256}.bin"


def refused_key(upload: UUID, account: UUID, sha256: str) -> str:
    """Return where it is kept what a file was told that was refused."""
    return f"{waiting_below(account)}{upload}-{sha256}{REFUSED}"


def upload_of(key: str) -> UUID | None:
    """Return the id of the upload of a waiting file, or of what announces one; None: it is no such key."""
    return parse_id(key.rpartition("/")[2][:_ID]) if key.startswith(WAITING) else None


def asked_at(upload: UUID) -> datetime:
    """Return when an upload was announced, as its id tells (UUIDv7)."""
    return datetime.fromtimestamp((upload.int >> 80) / 1000, UTC)


def account_of(key: str) -> UUID | None:
    """Return whose a waiting file is, or what announces one; None: it is no such key."""
    return parse_id(key.removeprefix(WAITING).partition("/")[0])


def kept_key(sha256: str, media_type: str) -> str:
    """Return where a picture is kept: the same bytes at the same place."""
    return f"{KEPT}{sha256[:2]}/{sha256}.{ENDINGS[media_type]}"
