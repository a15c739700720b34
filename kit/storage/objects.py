"""The contract of a storage: keys, what is known of an object, and what every storage can do with it."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from kit.storage.parts import PartStorage

PIECE = 256 * 1024
"""Bytes that are read at once."""

MOST_LISTED = 1000
"""Objects of one page of a list."""

FORM_SECONDS = 15 * 60
"""Seconds for which an upload form is good."""

ASK_SECONDS = 2.5
"""Seconds in which a storage has to answer, whatever moves no bytes."""

SLOWEST = 256 * 1024
"""Bytes that have to be taken or come in a second, beyond the time of a question."""

MAX_KEY = 300

_KEY = re.compile(r"(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.[a-z0-9]+")


class StorageAway(Exception):  # noqa: N818 - a state
    """The storage cannot be asked now, has no room, or refuses us; the message tells no address."""


class ObjectMissing(LookupError):  # noqa: N818 - a state
    """There is no object under this key."""


class OutOfRange(ValueError):  # noqa: N818 - a verdict
    """An object has no byte at which a range begins."""


class OtherBytes(ValueError):  # noqa: N818 - a verdict
    """What came is not what its SHA-256 promised; nothing of it is kept."""


class StoredObject(NamedTuple):
    """What a storage knows of an object."""

    key: str
    size: int
    """Bytes."""
    type: str = ""
    """Media type; empty where it is not known, as in lists."""
    sha256: str | None = None
    """In hex; None: nobody computed it when it was written."""
    written: float | None = None
    """Second since 1970 at which it was; told in lists alone."""


class ObjectPage(NamedTuple):
    """A part of a list."""

    objects: Sequence[StoredObject]
    """In the order of their keys."""
    after: str | None
    """Where the next page begins; None: there is none."""


class OpenObject(NamedTuple):
    """An object, or a range of it, while it is read."""

    object: StoredObject
    """Its size is that of the whole."""
    pieces: AsyncIterator[bytes]


class UploadForm(NamedTuple):
    """An HTML form of the type multipart/form-data: the fields in this order, then the file as `file`."""

    url: str
    fields: Mapping[str, str]


class Storage(AbstractAsyncContextManager["Storage"], Protocol):
    """Where objects are kept. Each method raises StorageAway within seconds where it cannot be asked.

    Attributes:
        address: where anybody may read them, each under its key; empty: nowhere but here.
        parts: takes objects in parts.
    """

    address: str

    @property
    def parts(self) -> PartStorage: ...

    async def ready(self) -> None:
        """Return when it can be asked; the bucket or the folder is made if it is not there."""

    async def tidy(self, folder: str = "") -> None:
        """Remove what processes that died have left of their own, a day after; raises StorageAway.

        Args:
            folder: one in which objects come and go: what is empty below it is removed as well.
        """

    async def put(
        self, key: str, pieces: AsyncIterable[bytes], *, media_type: str, sha256: str = ""
    ) -> StoredObject:
        """Write an object, in place of one under the same key, and return what it is.

        Args:
            key: its key.
            pieces: its bytes; never held together.
            media_type: what they are.
            sha256: of what has to come, in hex; empty: whatever comes.

        Raises:
            OtherBytes: something else came; what was there stays.
        """

    def open(
        self, key: str, first: int = 0, last: int | None = None
    ) -> AbstractAsyncContextManager[OpenObject]:
        """Read an object.

        Args:
            key: its key.
            first: the first byte wanted, from 0.
            last: the last byte wanted; None, or one behind the end: to the end.

        Raises:
            ObjectMissing: there is none.
            OutOfRange: it has no byte `first`.
        """

    async def head(self, key: str) -> StoredObject | None:
        """Return what is known of an object; None: there is none."""

    async def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""

    async def list(self, prefix: str = "", after: str = "", most: int = MOST_LISTED) -> ObjectPage:
        """Return a page of the objects whose keys begin so and come after one, in order of their keys.

        What others have put there under names that are no keys of ours is not told, and so never touched.
        """

    async def form(self, key: str, *, media_type: str, size: int) -> UploadForm:
        """Return a form by which somebody can send exactly this object within 15 minutes. It asks nobody."""


def checked(key: str) -> str:
    """Return a key that any storage can have: folders, and a name with an ending, in small letters.

    A folder never looks like an object, so none is in the way of the other on a file system.

    Raises:
        ValueError: it is none. Keys are made by us, so that is a fault of ours.
    """
    if not is_key(key):
        raise ValueError("this is no key of an object")
    return key


def is_key(key: str) -> bool:
    """Tell whether an object of ours can have this key."""
    return len(key) <= MAX_KEY and _KEY.fullmatch(key) is not None
