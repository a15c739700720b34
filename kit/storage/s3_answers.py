"""How long an S3 may take for an answer, and what its refusals mean in our words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError as HttpError
from botocore.exceptions import BotoCoreError, ClientError

from kit.storage.objects import ASK_SECONDS, SLOWEST, ObjectMissing, OutOfRange, StorageAway

_MISSING = frozenset({"NoSuchKey", "NoSuchUpload", "NotFound", "404"})
_RANGE = frozenset({"InvalidRange", "416"})


class Closed(StorageAway):
    """We may not do this."""


class MadeMeanwhile(StorageAway):
    """Somebody else has just made the bucket."""


_OF_CODES = {
    "403": Closed,
    "AccessDenied": Closed,
    "BucketAlreadyOwnedByYou": MadeMeanwhile,
    "BucketAlreadyExists": MadeMeanwhile,
}


@asynccontextmanager
async def bounded(size: int = 0) -> AsyncIterator[None]:
    """Bound the time of a question that moves so many bytes, and say in our words what went wrong."""
    try:
        async with asyncio.timeout(ASK_SECONDS + size / SLOWEST):
            yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise ObjectMissing from None
        if code in _RANGE:
            raise OutOfRange from None
        raise _OF_CODES.get(code, StorageAway)(f"S3 answers {code}") from error
    except (BotoCoreError, HttpError, TimeoutError, OSError) as error:
        raise StorageAway(type(error).__name__) from error
