"""One account's many pictures are read in turn with those of others, and only so many at once."""

import asyncio
from pathlib import Path

from tests.given.media.pictures import drawn, written
from tests.given.media.sending import confirm, sent
from tests.servers.running import in_process, problem


async def test_who_confirms_more_than_an_account_may_is_told_to_come_again_and_others_are_not(
    database: str, tmp_path: Path
) -> None:
    files = [written("PNG", drawn(size=(24 + number, 16))) for number in range(30)]
    other = written("PNG", drawn(size=(16, 16)))
    async with in_process(database, tmp_path, projector=False) as site:
        uploads = [await sent(site.editor, file) for file in files]
        mine = [confirm(site.editor, *one, key=f"of-{one[0]}") for one in zip(uploads, files, strict=True)]
        others = confirm(site.moderator, await sent(site.moderator, other), other)
        *answers, of_other = await asyncio.gather(*mine, others)
        assert of_other.status_code in {201, 503}, of_other.text
        told = {one.status_code for one in answers}
        assert {429} <= told <= {201, 429, 503}  # 503: the machine had no time for it
        for upload, file, answer in zip(uploads, files, answers, strict=True):
            if answer.status_code == 429:
                assert ("5", "/problems/too-many-pictures") == (
                    answer.headers["Retry-After"],
                    problem(answer)["type"],
                )
                again = await confirm(site.editor, upload, file, key=f"of-{upload}")
                assert again.status_code in {201, 503}, again.text
