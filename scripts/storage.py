"""Where files are kept, as the settings say it."""

import hashlib
import hmac

from kit.errors import Refused
from kit.settings import Settings
from kit.storage.objects import Storage
from kit.storage.opening import storage_at
from kit.storage.place import S3Place
from write_side.media.keys import FORMS, PARTS


def storage_of(settings: Settings) -> Storage:
    """Return the storage of a process; processes with the same key take each other's tickets.

    Raises:
        Refused: an S3 is named without a bucket, or the signing key cannot be used.
    """
    if settings.s3_endpoint_url and not settings.s3_bucket:
        raise Refused(["FRANKENJET_S3_BUCKET: not set, and S3_ENDPOINT_URL is: name the bucket there"])
    from scripts.keys import signing_key  # what only keeps files loads nothing of keys

    private = signing_key(settings).private.private_bytes_raw()
    return storage_in(
        settings, settings.s3_bucket, hmac.digest(private, b"tickets of uploads", hashlib.sha256)
    )


def storage_in(settings: Settings, bucket: str, secret: bytes = b"") -> Storage:
    """Return the storage that is a bucket of the S3 of the settings, or the folder of files.

    Args:
        settings: say where the S3 and the folder are.
        bucket: its name; empty: the folder.
        secret: signs tickets of uploads to the folder; none are taken without.
    """
    place = None
    if bucket:
        place = S3Place(
            bucket=bucket,
            endpoint=settings.s3_endpoint_url,
            region=settings.aws_region,
            style=settings.s3_style,
            access_key=settings.aws_access_key_id,
            secret_key=settings.aws_secret_access_key,
            token=settings.aws_session_token,
            upload_url=settings.s3_upload_url,
            address=settings.media_url,
        )
    return storage_at(place, settings.state / "media", secret, FORMS, settings.media_url, PARTS)
