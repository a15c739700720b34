"""Uploads in parts that never ended: listed, removed when it is said, and taken along by no move."""

import os

from kit.ids import new_id
from kit.storage.files import FileStorage
from kit.storage.parts import PART
from tests.scripts.media.test_media import FILES, LONG_AGO, STRANGE, Run, run, s3, settings_of
from tests.servers.nodes.s3_server import fresh_bucket
from write_side.media.parts import PartUploads

__all__ = ["run", "s3"]


async def test_parts_that_were_never_sent_to_their_end_are_listed_and_not_moved(run: Run, s3: str) -> None:
    """Those of a day ago alone, of whatever they were; a process of ours may have died while it wrote."""
    parts = run.folder / "media" / "parts"
    async with FileStorage(run.folder / "media") as files:
        for key in (STRANGE, f"others/{'ab' * 32}.png"):
            upload = await files.parts.begin(key, media_type="image/png")
            os.utime(parts / key / upload / "type", (LONG_AGO, LONG_AGO))
        waiting = await PartUploads(files).begin(new_id(), "image/png", 2 * PART, "a" * 64)
    code, said = run("check")
    one = {"what": "unfinished", "key": STRANGE, "size": 0, "removed": False}
    assert (3, [one], 1) == (code, said[:-1], said[-1]["unfinished"])
    place = fresh_bucket(s3)
    code, moved = run._replace(settings=settings_of(place))("move", "--to", f"s3://{place.bucket}")
    assert (0, len(FILES) + 1) == (code, moved[-1]["copied"])
    code, said = run("check", "--delete")
    assert (0, 0, 1) == (code, said[-1]["unfinished"], said[-1]["removed"])
    assert (0, [{"removed": 0}]) == run("sweep")
    assert (False, True) == ((parts / STRANGE).exists(), (parts / f"others/{'ab' * 32}.png").exists())
    assert [True] == [path.name.startswith(str(waiting.upload)) for path in (parts / "uploads").iterdir()]
