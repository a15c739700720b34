"""A line that is far too long is refused before any rule looks at its characters."""

import time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from events.kinds.article import ARTICLE
from kit.http.requests.text import LONGEST_LINE, CleanLine
from write_side.entry.bodies import create_body

CreateArticle = create_body(ARTICLE)

LINE: TypeAdapter[str] = TypeAdapter(CleanLine)


@pytest.mark.parametrize("line", ["a" + "\u0301\u0316" * 20_000, "\u0915\u200d" * 650_000])
def test_a_line_of_very_many_marks_costs_nothing(line: str) -> None:
    started = time.process_time()
    with pytest.raises(ValidationError):
        LINE.validate_python(line)
    assert time.process_time() - started < 0.1


def test_blanks_around_a_line_do_not_count() -> None:
    assert "a" == LINE.validate_python(" " * LONGEST_LINE + "a" + " " * LONGEST_LINE)


def test_a_body_full_of_lines_that_are_too_long_costs_little() -> None:
    line = "и\u0306" * 4_000
    body = {
        "locale": "en",
        "title": line,
        "tags": [line] * 100,
        "sources": [{"title": line, "url": line}] * 150,
    }
    assert spent_on(body) < 0.05


def test_a_body_full_of_lines_of_the_greatest_length_costs_little() -> None:
    line = "и\u0306" * (LONGEST_LINE // 2)
    body = {
        "locale": "en",
        "title": line,
        "tags": [line] * 100,
        "sources": [{"title": line, "url": line}] * 200,
    }
    assert spent_on(body) < 0.4


def spent_on(body: dict[str, Any]) -> float:
    """Return the seconds of CPU in which a body is refused."""
    started = time.process_time()
    with pytest.raises(ValidationError):
        CreateArticle.model_validate(body)
    return time.process_time() - started
