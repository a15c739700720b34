"""A storage of each sort, and a client that is not ours and sends forms to it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.storage.files import FileStorage
from kit.storage.objects import Storage, UploadForm
from kit.storage.opening import storage_at
from kit.storage.receiving import FormRefused, receive
from tests.servers.nodes.s3_server import fresh_bucket, running_s3

SECRET = b"x" * 32

type Sending = Callable[[UploadForm, bytes], Awaitable[int]]
"""Sends a form with a file and returns the status of the answer."""


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Address of an S3: FRANKENJET_TEST_S3_URL (http://key:secret@host), or one that is started here."""
    if given := os.environ.get("FRANKENJET_TEST_S3_URL", ""):  # noqa: TID251 - a setting of tests alone
        yield given
        return
    with running_s3() as url:
        yield url


@pytest.fixture(params=["files", "s3"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    place = fresh_bucket(request.getfixturevalue("s3")) if request.param == "s3" else None
    async with storage_at(place, tmp_path / "media", SECRET, "http://ours/upload") as opened:
        await opened.ready()
        yield opened


@pytest.fixture
async def send(storage: Storage) -> AsyncIterator[Sending]:
    """Send forms: to an S3 as it is; to ours where a route would take them."""

    async def take(request: Request) -> Response:
        assert isinstance(storage, FileStorage)
        try:
            await receive(storage, request.headers["content-type"], request.stream())
        except FormRefused as refused:
            return Response(str(refused), refused.status)
        return Response(status_code=204)

    ours = httpx2.ASGITransport(app=Starlette(routes=[Route("/upload", take, methods=["POST"])]))
    async with httpx2.AsyncClient(mounts={"http://ours": ours}) as client:

        async def send(form: UploadForm, file: bytes) -> int:
            answer = await client.post(form.url, data=dict(form.fields), files={"file": ("any name", file)})
            return answer.status_code

        yield send
