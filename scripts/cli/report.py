"""What a verb reports, fact by fact: a line of words for a person, or a JSON object a line for a program."""

from collections.abc import Callable

import orjson

type Say = Callable[..., None]
"""Called with words, and with what they say as named facts."""


def reporting(*, as_json: bool) -> Say:
    """Return what prints one or the other on standard output, at once.

    Args:
        as_json: objects instead of words; ids and moments in them are strings.
    """

    def words_only(words: str, **_facts: object) -> None:
        print(words, flush=True)

    def facts_only(_words: str, **facts: object) -> None:
        print(orjson.dumps(facts, default=str).decode(), flush=True)

    return facts_only if as_json else words_only
