"""Chooses where files are kept: in the S3 that is configured, or in a folder."""

from pathlib import Path

from kit.storage.files import FileStorage
from kit.storage.objects import Storage
from kit.storage.place import S3Place


def storage_at(
    place: S3Place | None, folder: Path, secret: bytes, url: str, address: str = "", part_url: str = ""
) -> Storage:
    """Return the storage of a process, to be entered; its client is read only where there is a bucket.

    Args:
        place: the S3 that keeps files; None: the folder keeps them.
        folder: of the file system.
        secret: signs the tickets of uploads to it.
        url: an address of ours where such uploads go.
        address: where anybody may read the files of the folder; empty: nowhere but here.
        part_url: an address of ours where parts of large files go.
    """
    if place is None:
        return FileStorage(folder, secret, url, address, part_url)
    from kit.storage.s3 import S3Storage

    return S3Storage(place)
