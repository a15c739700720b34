"""What other systems wrote becomes lines that may be stored, and texts of bytes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import line
from write_side.importing.record import SetAside
from write_side.importing.wording import decoded, moment, one_line, title_of


@given(st.text(max_size=200))
def test_any_text_becomes_a_line_that_may_be_stored(text: str) -> None:
    made = one_line(text, 50)
    assert (line(made), True) == (made, len(made) <= 50)


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("# The Po-2 #\r\ntext", "The Po-2"),
        ("text\n\n## Later\n", "po-2"),
        ("---\ntitle: 'Po-2'\n---\n# Other\n", "Po-2"),
        ("---\nauthor: x\n---\n\n# Heading\n", "Heading"),
        ("#no heading\n", "po-2"),
        ("", "po-2"),
    ],
)
def test_a_title_is_that_of_the_text_or_of_its_file(markdown: str, title: str) -> None:
    assert title == title_of(markdown, "po-2")


def test_bytes_are_a_text_in_utf_8_or_in_the_encoding_that_is_told() -> None:
    assert ("Ан-2\r\n", "été") == (decoded("Ан-2\r\n".encode(), "latin-1"), decoded(b"\xe9t\xe9", "latin-1"))
    with pytest.raises(SetAside, match="binary"):
        decoded(b"a\x00", "latin-1")
    with pytest.raises(SetAside, match="neither UTF-8 nor ascii"):
        decoded(b"\xe9", "ascii")


def test_a_moment_keeps_its_offset_and_one_that_no_clock_has_is_utc() -> None:
    at = moment(0, "+0300")
    assert at is not None
    assert (datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=3)) == (at, at.utcoffset())
    assert datetime(1970, 1, 1, tzinfo=UTC) == moment(0, "+9999")
    assert [None, None] == [moment(10**18, "+0000"), moment(-(10**18), "+0000")]
