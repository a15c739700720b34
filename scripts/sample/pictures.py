"""The pictures of the sample: a silhouette of each aircraft and a flag of each country, drawn for it.

The drawings are SVG; beside each stands its PNG, as `python -m scripts.dev.drawings` renders it.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Hashable, Mapping
from functools import cache, partial
from typing import BinaryIO, NamedTuple
from uuid import UUID

from events.media import media_stream
from kit.ids import new_id
from kit.pictures.cleaning import Cleaner, CleanPicture
from kit.storage.objects import Storage
from scripts.sample.cards import SampleEntry, entries
from scripts.sample.files import accounts, files_in
from write_side.bus import Bus
from write_side.call import Call
from write_side.media.aggregate import MEDIA
from write_side.media.commands import RegisterMedia, describe_body, register, say
from write_side.media.files import MediaFiles
from write_side.media.keys import waiting_key

SHOWN = {
    "aircraft": (" сверху, силуэт", " from above, a silhouette"),
    "country": (": флаг, упрощённо", ": the flag, simplified"),
}
"""Kind → what is said of its drawings behind the name of an entry, in both languages."""

REASON = "Рисунки для примера"
LICENCE = "CC0 1.0"

AT_A_TIME = 8


class SamplePicture(NamedTuple):
    """A picture, and whose it is."""

    entry: SampleEntry
    file: bytes
    sha256: str

    @property
    def id(self) -> UUID:
        return media_stream(self.sha256)


@cache
def pictures() -> Mapping[UUID, SamplePicture]:
    """Return the pictures of the sample: id of an entry → its picture."""
    drawn = {
        (kind, file.name.removesuffix(".png")): file.read_bytes()
        for kind in SHOWN
        for file in files_in("drawings", kind)
        if file.name.endswith(".png")
    }
    found = [(one, drawn[one.kind.name, one.key]) for one in entries() if (one.kind.name, one.key) in drawn]
    return {one.id: SamplePicture(one, file, hashlib.sha256(file).hexdigest()) for one, file in found}


class OwnDrawings(Cleaner):
    """Writes pictures again as those of strangers are, in this process: they are our own."""

    async def clean(
        self, _: Hashable, source: BinaryIO, target: BinaryIO, *, square: int = 0
    ) -> CleanPicture:
        from kit.pictures import reading

        return CleanPicture(**await asyncio.to_thread(reading.clean, source, target, square))  # type: ignore[arg-type]  # as it says


async def load_pictures(running: Bus, storage: Storage) -> None:
    """Send, confirm and describe what is missing of the pictures, by the commands of any picture.

    Raises:
        StorageAway: they cannot be kept now; the next load goes on from there.
    """
    files, free = MediaFiles(storage, OwnDrawings()), asyncio.Semaphore(AT_A_TIME)
    actors = {one.name: one.id for one in accounts()}

    async def one(picture: SamplePicture) -> None:
        async with free:
            await _loaded(running, files, picture, actors[picture.entry.by])

    await asyncio.gather(*map(one, pictures().values()))


async def _loaded(running: Bus, files: MediaFiles, picture: SamplePicture, actor: UUID) -> None:
    version, _ = await running.streams.last(picture.id)
    call = partial(Call, actor=actor, client="import", reason=REASON)
    if not version:
        upload = new_id()
        key = waiting_key(upload, actor, picture.sha256)
        await files.storage.put(key, _once(picture.file), media_type="image/png")
        wish = RegisterMedia.model_validate({"upload": str(upload), "sha256": picture.sha256})
        version = (await running.run(partial(register, files), MEDIA, call(), wish)).version
    if version == 1:
        title = picture.entry.first["title"]
        alt = dict(zip(("ru", "en"), SHOWN[picture.entry.kind.name], strict=True))
        said = {
            "alt": {locale: title[locale] + text for locale, text in alt.items()},
            "author": "FrankenJet",
            "licence": LICENCE,
        }
        body = describe_body().model_validate(said)
        await running.run(say, MEDIA, call(stream=picture.id, expected=1), body)


async def _once(file: bytes) -> AsyncIterator[bytes]:
    yield file
