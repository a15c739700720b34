"""Uploads in parts that were begun a day ago and never ended: listed, and removed when it is said."""

import os

from kit.storage.files import FileStorage
from tests.scripts.media.test_media import LONG_AGO, NOTHING, STRANGE, Run, run

__all__ = ["run"]


async def test_parts_that_were_never_sent_to_their_end_are_listed_and_go_when_it_is_said(run: Run) -> None:
    """Of whatever they were: a process of ours may have died while it wrote. What others left stays."""
    parts, others = run.folder / "media" / "parts", f"others/{'ab' * 32}.png"
    async with FileStorage(run.folder / "media") as files:
        for key in (STRANGE, others):
            upload = await files.parts.begin(key, media_type="image/png")
            os.utime(parts / key / upload / "type", (LONG_AGO, LONG_AGO))
    code, said = run("check")
    one = {"what": "unfinished", "key": STRANGE, "size": 0, "removed": False}
    assert (3, [one, NOTHING | {"unfinished": 1}]) == (code, said)
    code, said = run("check", "--delete")
    assert (0, NOTHING | {"removed": 1}) == (code, said[-1])
    assert (False, True, 1) == (
        (parts / STRANGE).exists(), (parts / others).exists(), len(list((parts / "uploads").iterdir())),
    )  # fmt: skip
