"""The page about the operations of the earlier backend names each of them, and operations that there are."""

import re

from kit.checkout import ROOT
from tests.given.described import operations

PAGE = (ROOT / "docs" / "replaced-operations.md").read_text("utf-8")


def test_each_operation_of_the_earlier_backend_has_a_row() -> None:
    assert list(map(str, range(1, 58))) == re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)


def test_each_operation_that_the_page_names_exists() -> None:
    rows = re.findall(r"^\| \d+ \|.*\| ([^|]*)\|$", PAGE, re.MULTILINE)
    assert len(rows) == 57
    behind = PAGE.rpartition("never reachable:")[2]
    named = {name for text in (*rows, behind) for name in re.findall(r"`(\w+)`", text)}
    assert set() == named - {one.name for one in operations()}
