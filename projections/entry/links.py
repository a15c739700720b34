"""Which entries a Markdown text leads to."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pyromark

PARSER = f"pyromark {pyromark.__version__}"
"""What reads the texts: another version may see other links, so it is part of a read model's name."""

_TARGET = r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:[?#].*)?"


def links(text: str, path: str, events: Callable[[str], Iterable[Any]] = pyromark.events) -> list[str]:
    """Return the slugs and ids that links such as `[Tu-144](/articles/tu-144)` lead to.

    A link is what CommonMark says. The time is linear in the text, whatever it holds.

    Args:
        text: Markdown (CommonMark).
        path: place of the kind in addresses, "articles".
        events: the parser.

    Returns:
        Each target once, in the order of their first appearance; pictures and what is in code are none.

    Raises:
        ValueError: the parser failed on this text.
    """
    place = f"/{path}/"
    if "[" not in text or not (place in text or "&" in text or "\\" in text):  # signs may be spelt otherwise
        return []
    address = _address(place)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return list(dict.fromkeys(_targets(events(plain), address)))
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # no Exception: it would end the process, not the event
            raise ValueError("the Markdown parser failed") from error
        raise


def _targets(events: Iterable[Any], address: re.Pattern[str]) -> Iterator[str]:
    pictures = 0
    for event in events:
        if type(event) is str:
            continue
        start = event.get("Start")
        if type(start) is dict:
            if "Link" in start and not pictures:
                target = address.fullmatch(start["Link"]["dest_url"])
                if target is not None:
                    yield target[1]
            elif "Image" in start:
                pictures += 1
        elif start is None and event.get("End") == "Image":
            pictures -= 1


@cache
def _address(place: str) -> re.Pattern[str]:
    return re.compile(re.escape(place) + _TARGET)
