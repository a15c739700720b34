"""A picture of the log whose file the storage lost comes back when the same file is sent again."""

import asyncio

from tests.given.media.sending import confirm, registered, sent
from tests.scripts.media.test_media import FILES, NOTHING, Run, run
from tests.servers.running import in_process, problem

__all__ = ["run"]


async def test_a_file_that_was_lost_comes_back_when_it_is_sent_again(run: Run) -> None:
    """Lost as a whole or in part; the picture stays the same."""
    before = {path: path.read_bytes() for path in run.pictures()}
    gone, shorter, *_ = before
    gone.unlink()
    shorter.write_bytes(before[shorter][:-5])
    code, said = run("check")
    assert (1, NOTHING | {"missing": 1, "differs": 1}) == (code, said[-1])
    async with in_process(run.database, run.folder, projector=False) as site:
        for file in FILES:
            one, other = [await confirm(site.editor, await sent(site.editor, file), file) for _ in range(2)]
            assert (200, 200, one.json()) == (one.status_code, other.status_code, other.json())
    assert before == {path: path.read_bytes() for path in run.pictures()}
    assert (0, [NOTHING]) == run("check", "--bytes")


async def test_many_who_bring_it_back_at_once_are_told_the_same(run: Run) -> None:
    for path in run.pictures():
        path.unlink()
    async with in_process(run.database, run.folder, projector=False) as site:
        upload = await sent(site.editor, FILES[0])
        answers = await asyncio.gather(*(confirm(site.editor, upload, FILES[0]) for _ in range(6)))
        assert [200] * 6 == [one.status_code for one in answers]
        refused = problem(await confirm(site.editor, upload, FILES[1]))
        assert (409, "/problems/nothing-sent") == (refused["status"], refused["type"])
        assert (await registered(site.editor, FILES[1]))["id"] != answers[0].json()["id"]
    assert 2 == len(run.pictures())
