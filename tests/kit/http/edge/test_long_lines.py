"""A line that is far too long is refused before any rule looks at its characters."""

import time

import pytest
from pydantic import TypeAdapter, ValidationError

from kit.http.requests.text import LONGEST_LINE, CleanLine

LINE: TypeAdapter[str] = TypeAdapter(CleanLine)


@pytest.mark.parametrize("line", ["a" + "\u0301\u0316" * 20_000, "\u0915\u200d" * 650_000])
def test_a_line_of_very_many_marks_costs_nothing(line: str) -> None:
    started = time.process_time()
    with pytest.raises(ValidationError):
        LINE.validate_python(line)
    assert time.process_time() - started < 0.1


def test_a_line_of_the_greatest_length_is_read() -> None:
    assert "a" == LINE.validate_python("a" + " " * (LONGEST_LINE - 1))
