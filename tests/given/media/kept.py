"""Pictures as storage keeps them, and the events that tell of them, without a form or a route."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from io import BytesIO
from uuid import UUID

from PIL import Image

from events.base import Event
from events.content.localized import Localized
from events.content.pictures import FocalPoint
from events.media import MediaDescribed, MediaRegistered, MediaRestored, MediaSuppressed, media_stream
from kit.storage.objects import Storage
from tests.given.lives import store
from tests.given.media.pictures import drawn, written
from write_side.media.keys import kept_key


class KeptPicture:
    """A picture that is in storage.

    Args:
        number: another one for each number.
        size: its width and height.
    """

    def __init__(self, number: int, size: tuple[int, int] = (24, 16)) -> None:
        self.file = written("PNG", drawn(size=size))
        sha256 = hashlib.sha256(self.file).hexdigest()
        self.version = 0
        self.sent = hashlib.sha256(str(number).encode()).hexdigest()
        self.stream: UUID = media_stream(self.sent)
        self.registered = MediaRegistered(
            sha256=self.sent, size=len(self.file), type="image/png", width=size[0], height=size[1],
            key=kept_key(sha256, "image/png"),
        )  # fmt: skip

    async def keep(self, storage: Storage) -> None:
        """Put its file into a storage."""
        await storage.put(self.registered.key, _once(self.file), media_type="image/png")

    async def tell(self, dsn: str, *events: Event) -> None:
        """Put events of it into a log, behind those that were told before."""
        first, self.version = self.version, self.version + len(events)
        await store(dsn, [(self.stream, first + number, event) for number, event in enumerate(events)])


def pointed(x: int, y: int) -> Event:
    """Return the event that says which point of a picture matters."""
    event: Event = MediaDescribed(focal_point=FocalPoint(x, y))
    return event


SHOWABLE = MediaDescribed(alt=Localized(ru="Биплан", en="A biplane"), licence="CC0", author="Anna")
"""What is said of a picture that any entry may show."""


def showable_id(number: int = 0) -> str:
    """Return the id of a picture that any entry may show, once `tell_showable` has told of it."""
    return str(KeptPicture(number).stream)


async def tell_showable(dsn: str, number: int = 0) -> str:
    """Tell a log of a picture that any entry may show, and return its id."""
    picture = KeptPicture(number)
    await picture.tell(dsn, picture.registered, SHOWABLE)
    return str(picture.stream)


GONE = MediaSuppressed(reason="Stolen")
BACK = MediaRestored()


async def names_in(storage: Storage, folder: str = "variants/") -> list[str]:
    """Return the names of the files below a folder of a storage."""
    return [one.key.rpartition("/")[2] for one in (await storage.list(folder)).objects]


async def sizes_in(storage: Storage, keys: Sequence[str]) -> list[tuple[int, int]]:
    """Return how large the pictures under some keys are."""
    found = []
    for key in keys:
        async with storage.open(key) as opened:
            content = b"".join([piece async for piece in opened.pieces])
        with Image.open(BytesIO(content)) as image:
            found.append(image.size)
    return found


async def _once(file: bytes) -> AsyncIterator[bytes]:
    yield file
