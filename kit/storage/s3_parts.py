"""Uploads in parts to an S3: its multipart uploads, whose parts others send to addresses that we sign."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aioboto3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from kit.retry import moments
from kit.storage.objects import FORM_SECONDS, ObjectMissing, StorageAway, checked, is_key
from kit.storage.parts import FilePart, PartsMissing, UnfinishedUpload, missing
from kit.storage.place import S3Place
from kit.storage.s3_answers import bounded


class S3Parts:
    """Parts of objects in a bucket.

    Args:
        place: the bucket.
        session: knows who we are there.
        client: returns the one that asks it.
    """

    def __init__(self, place: S3Place, session: aioboto3.Session, client: Callable[[], Any]) -> None:
        self._place, self._session, self._of = place, session, client

    async def begin(self, key: str, *, media_type: str) -> str:
        async with bounded():
            begun = await self._of().create_multipart_upload(**self._named(key), ContentType=media_type)
        return str(begun["UploadId"])

    async def address(self, key: str, upload: str, part: FilePart) -> str:
        """Return where a part is sent; the length is signed as well, so that an S3 refuses another one.

        It is signed for the host that browsers know. What stands before the S3 there has to pass that on.
        """
        credentials = await self._session.get_credentials()
        if credentials is None:
            raise StorageAway("it is not said who we are at the S3")
        known = await credentials.get_frozen_credentials()
        base = self._place.upload_url or (await self._of().generate_presigned_post(**self._named(key)))["url"]
        query = f"partNumber={part.number}&uploadId={quote(upload, safe='-._~')}"
        signed = AWSRequest("PUT", f"{base.rstrip('/')}/{key}?{query}", {"Content-Length": str(part.size)})
        S3SigV4QueryAuth(known, "s3", self._place.region, expires=FORM_SECONDS).add_auth(signed)
        return str(signed.url)

    async def arrived(self, key: str, upload: str) -> Mapping[int, int]:
        return {one["PartNumber"]: one["Size"] for one in await self._told(key, upload)}

    async def join(self, key: str, upload: str, parts: Sequence[FilePart]) -> None:
        told = await self._told(key, upload)
        lacking = missing(parts, {one["PartNumber"]: one["Size"] for one in told})
        if lacking:
            raise PartsMissing([one.number for one in lacking])
        tags = {one["PartNumber"]: one["ETag"] for one in told}
        wanted = [{"PartNumber": one.number, "ETag": tags[one.number]} for one in parts]
        try:
            async with bounded(sum(one.size for one in parts)):
                await self._of().complete_multipart_upload(
                    **self._upload(key, upload), MultipartUpload={"Parts": wanted}
                )
        except StorageAway as away:
            if isinstance(away.__cause__, ClientError):
                await self._joined_by_another(key, upload)
            raise

    async def _joined_by_another(self, key: str, upload: str) -> None:
        """Raise ObjectMissing if an upload is gone within a moment, since another one joins its parts.

        To the second one an S3 may answer 500 while it works for the first one.
        """
        async for _ in moments():
            await self._told(key, upload)

    async def drop(self, key: str, upload: str) -> None:
        try:
            async with bounded():
                await self._of().abort_multipart_upload(**self._upload(key, upload))
        except ObjectMissing:
            return

    async def unfinished(self, prefix: str = "") -> AsyncIterator[UnfinishedUpload]:
        after: dict[str, str] = {}
        while True:
            async with bounded():
                answer = await self._of().list_multipart_uploads(
                    Bucket=self._place.bucket, Prefix=prefix, **after
                )
            for one in answer.get("Uploads", ()):
                if is_key(one["Key"]):
                    yield UnfinishedUpload(one["Key"], one["UploadId"], one["Initiated"].timestamp())
            if not answer.get("IsTruncated"):
                return
            after = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    async def _told(self, key: str, upload: str) -> Sequence[Mapping[str, Any]]:
        told, after = list[Mapping[str, Any]](), 0
        while True:
            async with bounded():
                answer = await self._of().list_parts(**self._upload(key, upload), PartNumberMarker=after)
            told += answer.get("Parts", ())
            if not answer.get("IsTruncated"):
                return told
            after = answer["NextPartNumberMarker"]

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._place.bucket, "Key": checked(key)}

    def _upload(self, key: str, upload: str) -> dict[str, str]:
        return self._named(key) | {"UploadId": upload}
