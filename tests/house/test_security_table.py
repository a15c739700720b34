"""The table of what is checked of security names tests that are there."""

import re

from kit.checkout import ROOT


def test_every_test_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text())
    texts = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}
    assert [] == [name for name in named if name not in there]
