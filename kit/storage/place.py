"""Where an S3 is, as the environment says it."""

from typing import NamedTuple


class S3Place(NamedTuple):
    """Where an S3 is, and who we are there."""

    bucket: str
    endpoint: str = ""
    """Empty: that of Amazon."""
    region: str = "us-east-1"
    style: str = "path"
    """path: the bucket is the first part of the path; virtual: of the host."""
    access_key: str = ""
    secret_key: str = ""
    token: str = ""
    """All three empty: the usual places are looked at, such as the role of the machine."""
    upload_url: str = ""
    """Where browsers send forms and parts to; empty: to the endpoint. Parts are signed for its host."""
    address: str = ""
    """Where anybody may read what is kept; empty: nowhere but here."""
