"""What a client takes, judged by RFC 9110, 12.4.2 to 12.5.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.http.requests.accepting import codings, media_type


@pytest.mark.parametrize(
    ("header", "best", "plain"),
    [
        ("gzip", "gzip", True),
        ("GZip", "gzip", True),
        ("x-gzip", "gzip", True),
        ("gzip, deflate, br, zstd", "br", True),
        ("gzip, zstd", "zstd", True),
        ("br;q=0.5, gzip;q=0.8", "gzip", True),
        ("br;q=0.5,gzip;q=0.500", "br", True),
        ("gzip;q=0.001", "gzip", True),
        ("gzip;q=0.5, identity", "identity", True),
        ("gzip, identity;q=0.5", "gzip", True),
        ("gzip, identity;q=0", "gzip", False),
        ("*", "br", True),
        ("br;q=0, *", "zstd", True),
        ("*;q=0, gzip", "gzip", False),
        ("*;q=0, identity", "identity", True),
        ("identity;q=0", "", False),
        ("*;q=0", "", False),
        ("compress, identity;q=0", "", False),
        ("deflate", "identity", True),
        ("", "identity", True),
        ("gzip;q=0", "identity", True),
        ("gzip;q=0.000", "identity", True),
        ("gzip;q=2", "identity", True),
        ("gzip;q=1.001", "identity", True),
        ("gzip;q=0.0001", "identity", True),
        ("gzip;q=nan, br;q=inf, zstd;q=-1", "identity", True),
        ("gzip ; q=0.5 , br ; q=0.6", "br", True),
        ("gzip;Q=0.5, br;Q=0", "gzip", True),
        (";;,,=", "identity", True),
    ],
)
def test_codings_are_weighed(header: str, best: str, plain: bool) -> None:  # noqa: FBT001 - a column of the table
    assert codings(header.encode()) == (best, plain)


@given(st.binary(max_size=300))
def test_whatever_is_sent_something_is_said(header: bytes) -> None:
    taken = codings(header)
    assert taken.best in {"br", "zstd", "gzip", "identity", ""}
    assert taken.plain or taken.best != "identity"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("application/json", "application/json"),
        ("application/*, text/html;q=0.9", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("image/png", ""),
        ("text/html;q=0", ""),
    ],
)
def test_the_media_type_that_is_wanted_most_is_chosen(accept: str, expected: str) -> None:
    assert media_type(accept, ("text/html", "application/json")) == expected
