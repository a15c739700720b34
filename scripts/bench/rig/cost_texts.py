"""Texts of 8 kB as people write them, and what an editor makes of them: a sentence here and there."""

import random
import tomllib
from pathlib import Path

from kit.checkout import ROOT

TEXT_BYTES = 8_000

ARTICLES = ROOT / "scripts" / "sample" / "articles"


class Texts:
    """Texts put together from sentences of the sample encyclopedia; the same for every run."""

    def __init__(self) -> None:
        self._chance = random.Random(8)  # noqa: S311 - repeatable, not secret
        self._sentences = sorted({one for file in ARTICLES.glob("*.ru.toml") for one in _sentences(file)})
        self._texts: dict[int, list[str]] = {}

    def first(self, number: int) -> str:
        """Return a new text of about 8 kB."""
        chosen = self._texts[number] = []
        while sum(len(one.encode()) + 1 for one in chosen) < TEXT_BYTES:
            chosen.append(self._chance.choice(self._sentences))
        return "\n".join(chosen)

    def changed(self, number: int) -> str:
        """Return the text with one sentence replaced."""
        chosen = self._texts[number]
        place = self._chance.randrange(len(chosen))
        chosen[place] = self._chance.choice([one for one in self._sentences if one != chosen[place]])
        return "\n".join(chosen)


def _sentences(file: Path) -> list[str]:
    steps = tomllib.loads(file.read_text())["step"]
    texts = [step.get("body", "") + step.get("append", "") for step in steps]
    return [line for text in texts for line in text.splitlines() if len(line) > 80]  # noqa: PLR2004
