"""An S3 that is away, slow, or refuses us is told within seconds; what a form allows is signed in it."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from kit import clock
from kit.storage.objects import Storage, StorageAway
from kit.storage.parts import PART, FilePart, parts_of
from kit.storage.place import S3Place
from kit.storage.s3 import S3Storage
from tests.kit.storage.test_contract import KEY, TEXT, pieces
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.processes import free_port

ASKED: dict[str, Callable[[Storage], Awaitable[Any]]] = {
    "ready": lambda storage: storage.ready(),
    "put": lambda storage: storage.put(KEY, pieces(TEXT), media_type="image/png"),
    "head": lambda storage: storage.head(KEY),
    "delete": lambda storage: storage.delete(KEY),
    "list": lambda storage: storage.list(),
    "begin": lambda storage: storage.parts.begin(KEY, media_type="image/png"),
    "arrived": lambda storage: storage.parts.arrived(KEY, "x"),
    "join": lambda storage: storage.parts.join(KEY, "x", parts_of(1)),
    "drop": lambda storage: storage.parts.drop(KEY, "x"),
    "unfinished": lambda storage: anext(storage.parts.unfinished()),
    "open": lambda storage: storage.open(KEY).__aenter__(),
}


@pytest.fixture
def silent() -> Iterator[str]:
    """Address of somebody who is there and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("what", ASKED)
async def test_an_s3_that_is_down_is_told_at_once(what: str) -> None:
    async with S3Storage(fresh_bucket(f"http://127.0.0.1:{free_port()}")) as storage:
        with pytest.raises(StorageAway):
            async with asyncio.timeout(10):  # on a machine that has much else to do
                await ASKED[what](storage)


async def test_an_s3_that_is_silent_is_told_within_three_seconds(silent: str) -> None:
    async with S3Storage(fresh_bucket(silent)) as storage:
        async with asyncio.timeout(15):
            told = await asyncio.gather(*(ask(storage) for ask in ASKED.values()), return_exceptions=True)
    assert {StorageAway} == set(map(type, told))


async def test_a_refusal_names_its_code_and_no_address(s3: str) -> None:
    async with S3Storage(fresh_bucket(s3)) as storage:
        with pytest.raises(StorageAway, match=r"^S3 answers NoSuchBucket$"):
            await storage.put(KEY, pieces(TEXT), media_type="image/png")


async def test_a_form_allows_one_key_one_type_one_length_and_fifteen_minutes(s3: str) -> None:
    """The policy is what S3 goes by: it is read here, and its signature computed again as AWS says it is."""
    place = fresh_bucket(s3)
    async with S3Storage(place) as storage:
        form = await storage.form(KEY, media_type="image/png", size=10)
    assert f"{place.endpoint}/{place.bucket}" == form.url
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    ends = clock.now() + timedelta(minutes=15)
    assert ends - timedelta(seconds=6) < datetime.fromisoformat(policy["expiration"]) <= ends
    said = [one for one in policy["conditions"] if isinstance(one, list) or "x-amz" not in next(iter(one))]
    assert {"bucket": place.bucket} in said
    assert {"key": KEY} in said
    assert {"Content-Type": "image/png"} in said
    assert ["content-length-range", 10, 10] in said
    key = f"AWS4{place.secret_key}".encode()
    for part in (*form.fields["x-amz-credential"].split("/")[1:], form.fields["policy"]):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    assert key.hex() == form.fields["x-amz-signature"]


async def test_an_address_of_a_part_signs_its_length_and_its_host() -> None:
    """Its signature is computed again by the steps that AWS documents."""
    place = S3Place("pictures", "https://s3.example.org", "eu-1", "path", "fjtest", "fjtest-secret")
    async with S3Storage(place) as storage:
        url = urlsplit(await storage.parts.address(KEY, "id/+=", FilePart(2, PART, 10)))
    assert f"/pictures/{KEY}" == url.path
    query, _, signature = url.query.rpartition("&X-Amz-Signature=")
    told = {name: unquote(value) for name, _, value in (one.partition("=") for one in query.split("&"))}
    assert ("2", "id/+=", "900") == (told["partNumber"], told["uploadId"], told["X-Amz-Expires"])
    headers = "content-length:10\nhost:s3.example.org\n\ncontent-length;host"
    canonical = "\n".join(("PUT", url.path, "&".join(sorted(query.split("&"))), headers, "UNSIGNED-PAYLOAD"))
    scope = told["X-Amz-Credential"].partition("/")[2]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signed = "\n".join(("AWS4-HMAC-SHA256", told["X-Amz-Date"], scope, hashed))
    key = f"AWS4{place.secret_key}".encode()
    for part in (*scope.split("/"), signed):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    assert key.hex() == signature


async def test_browsers_can_be_sent_to_another_address(s3: str) -> None:
    place = fresh_bucket(s3)._replace(upload_url="https://files.example.org/bucket")
    async with S3Storage(place) as storage:
        form = await storage.form(KEY, media_type="image/png", size=10)
        part = await storage.parts.address(KEY, "x", FilePart(1, 0, 10))
    assert "https://files.example.org/bucket" == form.url
    assert part.startswith(f"https://files.example.org/bucket/{KEY}?")


async def test_the_bucket_is_named_in_the_host_where_that_is_wanted() -> None:
    place = S3Place("pictures", "https://s3.example.org", "eu-1", "virtual", "fjtest", "fjtest-secret")
    async with S3Storage(place) as storage:
        form = await storage.form(KEY, media_type="image/png", size=10)
        part = await storage.parts.address(KEY, "x", FilePart(1, 0, 10))
    assert form.url.startswith("https://pictures.s3.example.org")
    assert part.startswith(f"https://pictures.s3.example.org/{KEY}?")
    assert "/eu-1/s3/" in form.fields["x-amz-credential"]
