"""The table of what is checked of security names tests that are there."""

import re

from kit.checkout import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")

LINES = range(1, 65)
"""Of the checklist."""

LATER = (48,)
"""Of pages with texts of strangers and addresses that are called: they come with what they are about, and the
page says so."""


def test_every_line_of_the_checklist_is_there_once_in_its_order_and_names_a_test() -> None:
    rows = re.findall(r"^\| ([0-9]+) \| .+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert [line for line in LINES if line not in LATER] == [int(line) for line, _ in rows]
    assert [] == [line for line, tests in rows if not re.fullmatch(r"`test_\w+`(, `test_\w+`)*", tests)]
    assert "Line 48 is about" in PAGE


def test_every_test_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE)
    texts = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}
    assert [] == [name for name in named if name not in there]
