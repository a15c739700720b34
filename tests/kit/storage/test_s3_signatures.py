"""An S3 that checks signatures takes a part as it was signed, and nothing else.

It is s3rver, which checks each and can list neither parts nor uploads: moto proves that (`test_parts`).
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from kit.storage.parts import PART, FilePart
from kit.storage.s3 import S3Storage
from tests.kit.storage.test_contract import KEY, TEXT
from tests.servers.nodes.s3_on_disk import S3OnDisk, running_s3_on_disk

pytestmark = pytest.mark.prove


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3OnDisk]:
    with running_s3_on_disk(tmp_path) as server:
        yield server


async def test_a_signature_is_for_one_part_of_one_upload_its_length_and_its_host(server: S3OnDisk) -> None:
    async with S3Storage(server.place()) as storage, httpx2.AsyncClient() as client:
        await storage.ready()
        upload, other = [await storage.parts.begin(KEY, media_type="image/png") for _ in range(2)]
        url = await storage.parts.address(KEY, upload, FilePart(2, PART, len(TEXT)))
        port = urlsplit(url).port
        refused = [
            await client.put(url, content=TEXT + b"x"),
            await client.put(url, content=TEXT[1:]),
            await client.put(url.replace("partNumber=2", "partNumber=1"), content=TEXT),
            await client.put(url.replace(upload, other), content=TEXT),
            await client.put(url.replace(KEY, "a/other.png"), content=TEXT),
            await client.put(url.replace("X-Amz-Expires=900", "X-Amz-Expires=901"), content=TEXT),
            await client.put(url, content=TEXT, headers={"Host": f"localhost:{port}"}),
            await client.post(url, content=TEXT),
        ]
        assert [403] * 8 == [one.status_code for one in refused]
        assert [200, 200] == [(await client.put(url, content=TEXT)).status_code for _ in range(2)]


async def test_an_address_that_browsers_know_is_signed_for_its_own_host(server: S3OnDisk) -> None:
    """The same server under another name: what is signed is the name that the browser says."""
    place = server.place()
    known = f"{place.endpoint.replace('127.0.0.1', 'localhost')}/{place.bucket}"
    async with S3Storage(place._replace(upload_url=known)) as storage, httpx2.AsyncClient() as client:
        await storage.ready()
        upload = await storage.parts.begin(KEY, media_type="image/png")
        url = await storage.parts.address(KEY, upload, FilePart(1, 0, len(TEXT)))
        assert url.startswith(known)
        here = url.replace("//localhost", "//127.0.0.1")
        name = {"Host": urlsplit(url).netloc}
        assert 403 == (await client.put(here, content=TEXT)).status_code
        assert 200 == (await client.put(here, content=TEXT, headers=name)).status_code
