"""Rules of one entry that several kinds have: what a revision lacks before readers may see it."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import msgspec

from events.content.dates import PartialDate
from events.content.localized import LANGUAGES
from events.content.quantities import Quantity
from events.kind import Rule, Shortfall


def in_order(*fields: str) -> Rule:
    """Return the rule that dates, or quantities of one unit, follow each other.

    It judges only what is certain: of two partial dates the earliest day of the one against the latest of
    the other; of two quantities their bounds.

    Args:
        fields: the least or earliest first; whichever of them are empty or unknown say nothing.
    """

    def judged(content: Mapping[str, Any]) -> Iterable[Shortfall]:
        known = [(name, bounds) for name in fields if (bounds := _bounds(content.get(name))) is not None]
        for (first, before), (second, after) in combinations(known, 2):
            if before[0] > after[1]:
                yield first, f"cannot be beyond {second.replace('_', ' ')}"

    return judged


def told_in_one_language(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    """Want a summary in a language in which there is a title."""
    title, summary = content["title"], content["summary"]
    if not any(title.get(one) and summary.get(one) for one in LANGUAGES):
        yield "summary", "is needed before publication, in a language of the title"


def _bounds(value: Any) -> tuple[Any, Any] | None:
    """Return the least and the greatest that a JSON value can mean; None where that is not known."""
    if not isinstance(value, dict):
        return None
    if "edtf" in value:
        return msgspec.convert(value, PartialDate).days
    quantity = msgspec.convert(value, Quantity)
    return quantity.least(), quantity.greatest()
