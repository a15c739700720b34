"""Many who confirm one large file at once, in one process or in several, are told the same."""

import asyncio
import hashlib
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import httpx2

from events.media import MediaRegistered
from kit.errors import Problem
from kit.ids import new_id
from kit.pictures.cleaning import Cleaner
from kit.storage.opening import storage_at
from kit.storage.parts import PART
from tests.given.media.pictures import told
from tests.given.media.sending import confirm, padded, sent
from tests.kit.storage.conftest import s3
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.running import Editor, in_process
from write_side.media.files import MediaFiles

__all__ = ["s3"]

FILE = padded(told("PNG"), PART + 5_000)
SHA256 = hashlib.sha256(FILE).hexdigest()


async def sent_to(files: MediaFiles, account: UUID) -> UUID:
    """Send the file in parts to an S3, and return the id of the upload."""
    standing = await files.begin_parts(account, "image/png", len(FILE), SHA256)
    async with httpx2.AsyncClient(timeout=60) as browser:
        for part, url in standing.wanted:
            body = FILE[part.first : part.first + part.size]
            assert 200 == (await browser.put(url, content=body)).status_code
    return standing.upload


async def test_several_processes_that_join_the_parts_at_once_find_the_same_file(
    tmp_path: Path, s3: str
) -> None:
    place, account = fresh_bucket(s3), new_id()
    async with AsyncExitStack() as stack:
        processes = []
        for _ in range(6):
            storage = await stack.enter_async_context(storage_at(place, tmp_path, b"", ""))
            cleaner = await stack.enter_async_context(Cleaner(seconds=300.0, turn=300.0))
            processes.append(MediaFiles(storage, cleaner))
        for _ in range(3):
            upload = await sent_to(processes[0], account)
            found = await asyncio.gather(*(accepted(one, account, upload) for one in processes))
            assert 1 == len(set(map(str, found)))


async def accepted(files: MediaFiles, account: UUID, upload: UUID) -> MediaRegistered:
    """Confirm; what an S3 on a busy machine does not answer in time is asked again."""
    while True:
        try:
            return await files.accept(account, upload, SHA256)
        except Problem as problem:
            if problem.status != 503 or "S3 answers" in str(problem.__cause__):
                raise


async def until_told(editor: Editor, upload: str) -> httpx2.Response:
    """Confirm; on a busy machine one may have to come again."""
    while (answer := await confirm(editor, upload, FILE)).status_code == 503:
        pass
    return answer


async def test_who_confirms_while_another_one_does_waits_for_what_that_one_is_told(
    database: str, tmp_path: Path
) -> None:
    """The file is read once: many who are impatient take the turns of nobody."""
    async with in_process(database, tmp_path, projector=False) as site:
        upload = await sent(site.editor, FILE)
        answers = await asyncio.gather(*(until_told(site.editor, upload) for _ in range(24)))
        assert [200] * 23 + [201] == sorted(one.status_code for one in answers)
        assert 1 == len({one.json()["id"] for one in answers})
