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
from kit.storage.objects import ObjectMissing, Storage, UploadForm
from kit.storage.opening import storage_at
from kit.storage.receiving import FormRefused, receive, receive_part
from tests.servers.nodes.s3_server import fresh_bucket, running_s3

SECRET = b"x" * 32

type Putting = Callable[[str, bytes], Awaitable[int]]
"""Puts bytes at an address and returns the status of the answer."""

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
    async with storage_at(
        place, tmp_path / "media", SECRET, "http://ours/upload", part_url="http://ours/parts"
    ) as opened:
        await opened.ready()
        yield opened


@pytest.fixture
async def browser(storage: Storage) -> AsyncIterator[httpx2.AsyncClient]:
    """Ask an S3 as it is, and ours where routes would take what is sent."""

    async def take(request: Request) -> Response:
        assert isinstance(storage, FileStorage)
        try:
            await receive(storage, request.headers["content-type"], request.stream())
        except FormRefused as refused:
            return Response(str(refused), refused.status)
        return Response(status_code=204)

    async def take_part(request: Request) -> Response:
        assert isinstance(storage, FileStorage)
        ticket = (request.query_params["policy"], request.query_params["signature"])
        try:
            await receive_part(storage, int(request.path_params["number"]), ticket, request.stream())
        except FormRefused as refused:
            return Response(str(refused), refused.status)
        except ObjectMissing:
            return Response(status_code=404)
        return Response(status_code=204)

    routes = [
        Route("/upload", take, methods=["POST"]),
        Route("/parts/{number}", take_part, methods=["PUT"]),
    ]
    ours = httpx2.ASGITransport(app=Starlette(routes=routes))
    async with httpx2.AsyncClient(mounts={"http://ours": ours}, timeout=30) as client:
        yield client


@pytest.fixture
def send(browser: httpx2.AsyncClient) -> Sending:
    """Send forms."""

    async def send(form: UploadForm, file: bytes) -> int:
        answer = await browser.post(form.url, data=dict(form.fields), files={"file": ("any name", file)})
        return answer.status_code

    return send


@pytest.fixture
def put(browser: httpx2.AsyncClient) -> Putting:
    """Put parts."""

    async def put(url: str, part: bytes) -> int:
        return (await browser.put(url, content=part)).status_code

    return put
