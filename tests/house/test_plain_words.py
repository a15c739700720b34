"""Words that a reader who learned English later stumbles over are not used."""

import re

from kit.checkout import ROOT
from tests.given.product import files

STUMBLED_OVER = re.compile(r"\b(whoeve[r]|ane[w]|for eve[r])\b", re.IGNORECASE)

READ = {".py", ".md", ".toml", ".yml", ".sh", ".sql", ".conf", ".html", ".svg"}


def test_no_text_has_words_that_few_people_use_today() -> None:
    found = [
        f"{name}:{number}"
        for name in files()
        if name.suffix in READ
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), 1)
        if STUMBLED_OVER.search(line)
    ]
    assert [] == found
