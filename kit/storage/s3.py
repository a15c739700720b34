"""Objects in any S3, through aioboto3; everything that is asked of it ends within some seconds."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self

import aioboto3
from botocore.config import Config

from kit.storage.objects import (
    FORM_SECONDS,
    MOST_LISTED,
    PIECE,
    ObjectMissing,
    ObjectPage,
    OpenObject,
    OtherBytes,
    StorageAway,
    StoredObject,
    UploadForm,
    checked,
    is_key,
)
from kit.storage.parts import PART
from kit.storage.place import S3Place
from kit.storage.s3_answers import Closed, MadeMeanwhile, bounded
from kit.storage.s3_parts import S3Parts

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""Seconds in which something has to come while an answer is awaited or read."""

_FIRST_REGION = "us-east-1"


class S3Storage:
    """Objects in a bucket. Opening it asks nobody: an S3 that is away is found when it is needed."""

    def __init__(self, place: S3Place) -> None:
        self.place = place
        self.address = place.address
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._session = aioboto3.Session(
            aws_access_key_id=place.access_key or None,
            aws_secret_access_key=place.secret_key or None,
            aws_session_token=place.token or None,
            region_name=place.region,
        )
        self.parts = S3Parts(place, self._session, lambda: self._client)

    async def __aenter__(self) -> Self:
        place = self.place
        bounds = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": place.style},
            signature_version="s3v4",
            max_pool_connections=32,
            # Checksums of newer protocols are unknown to many an S3; ours is SHA-256, and we compare it.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        client = self._session.client("s3", endpoint_url=place.endpoint or None, config=bounds)
        self._client = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def tidy(self, folder: str = "") -> None:
        """Nothing is left but uploads in parts, which `parts` lists."""

    async def ready(self) -> None:
        region = self.place.region
        try:
            async with bounded():
                await self._client.head_bucket(Bucket=self.place.bucket)
        except ObjectMissing:
            place = {"LocationConstraint": region}
            where = {} if region == _FIRST_REGION else {"CreateBucketConfiguration": place}
            with suppress(MadeMeanwhile):
                async with bounded():
                    await self._client.create_bucket(Bucket=self.place.bucket, **where)
        except Closed:
            return  # who may use objects may not always ask for their bucket

    async def put(
        self, key: str, pieces: AsyncIterable[bytes], *, media_type: str, sha256: str = ""
    ) -> StoredObject:
        parts = _parts(pieces)
        first = await anext(parts)
        if len(first) == PART:
            return await self._put_large(key, first, parts, media_type, sha256)
        found = _as_promised(hashlib.sha256(first), sha256)
        facts = self._named(key) | {"ContentType": media_type, "Metadata": {"sha256": found}}
        async with bounded(len(first)):
            await self._client.put_object(**facts, Body=first)
        return StoredObject(key, len(first), media_type, found)

    async def _put_large(
        self, key: str, part: bytes, parts: AsyncIterator[bytes], media_type: str, sha256: str
    ) -> StoredObject:
        hasher, size, tags = hashlib.sha256(), 0, list[Mapping[str, Any]]()
        told = {"sha256": sha256} if sha256 else {}
        async with bounded():
            begun = await self._client.create_multipart_upload(
                **self._named(key), ContentType=media_type, Metadata=told
            )
        upload = self._named(key) | {"UploadId": begun["UploadId"]}
        try:
            while part:
                hasher.update(part)
                size += len(part)
                number = len(tags) + 1
                async with bounded(len(part)):
                    sent = await self._client.upload_part(**upload, PartNumber=number, Body=part)
                tags.append({"PartNumber": number, "ETag": sent["ETag"]})
                part = await anext(parts, b"")
            found = _as_promised(hasher, sha256)
            async with bounded(PART):
                await self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": tags})
        except BaseException:
            with suppress(StorageAway):  # what is left there, the rules of the bucket remove
                async with bounded():
                    await self._client.abort_multipart_upload(**upload)
            raise
        return StoredObject(key, size, media_type, found if sha256 else None)

    @asynccontextmanager
    async def open(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[OpenObject]:
        end = "" if last is None else last
        wanted = {} if (first, last) == (0, None) else {"Range": f"bytes={first}-{end}"}
        async with bounded():
            answer = await self._client.get_object(**self._named(key), **wanted)
        size = int(answer.get("ContentRange", "").rpartition("/")[2] or answer["ContentLength"])
        body = answer["Body"]
        try:
            yield OpenObject(_known(key, answer, size), _pieces(body))
        finally:
            body.close()

    async def head(self, key: str) -> StoredObject | None:
        try:
            async with bounded():
                answer = await self._client.head_object(**self._named(key))
        except ObjectMissing:
            return None
        return _known(key, answer, answer["ContentLength"])

    async def delete(self, key: str) -> None:
        async with bounded():
            await self._client.delete_object(**self._named(key))

    async def list(self, prefix: str = "", after: str = "", most: int = MOST_LISTED) -> ObjectPage:
        async with bounded():
            answer = await self._client.list_objects_v2(
                Bucket=self.place.bucket, Prefix=prefix, StartAfter=after, MaxKeys=most
            )
        told = answer.get("Contents", ())
        found = [
            StoredObject(one["Key"], one["Size"], written=one["LastModified"].timestamp())
            for one in told
            if is_key(one["Key"])
        ]
        return ObjectPage(found, told[-1]["Key"] if answer["IsTruncated"] and told else None)

    async def form(self, key: str, *, media_type: str, size: int) -> UploadForm:
        made = await self._client.generate_presigned_post(
            **self._named(key),
            Fields={"Content-Type": media_type},
            Conditions=[{"Content-Type": media_type}, ["content-length-range", size, size]],
            ExpiresIn=FORM_SECONDS,
        )
        return UploadForm(self.place.upload_url or made["url"], made["fields"])

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": checked(key)}


def _known(key: str, answer: Mapping[str, Any], size: int) -> StoredObject:
    return StoredObject(key, size, answer.get("ContentType", ""), answer.get("Metadata", {}).get("sha256"))


def _as_promised(hasher: "hashlib._Hash", sha256: str) -> str:
    """Return the SHA-256 of what came; raises OtherBytes where another one was promised."""
    found = hasher.hexdigest()
    if sha256 not in {"", found}:
        raise OtherBytes
    return found


async def _parts(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield parts of the same length and a last one that is shorter, maybe empty."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    yield bytes(held)


async def _pieces(body: Any) -> AsyncIterator[bytes]:
    async with bounded(PIECE):
        piece = await body.read(PIECE)
    while piece:
        yield piece
        async with bounded(PIECE):
            piece = await body.read(PIECE)
