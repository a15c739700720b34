"""Which entries a Markdown text leads to."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pyromark

PARSER = f"pyromark {pyromark.__version__}"
"""What reads the texts: another version may see other links, so it is part of a read model's name."""

DEEPEST = 500
"""Quotations and lists in each other that a line may begin with, each space counted: the parser looks at all
of them again at every line that goes on without them, which made one text take minutes."""

_BEGINNING = r"(?:[ \t>]|[-+*][ \t]|[0-9]{1,9}[.)][ \t])"
_TOO_DEEP = re.compile(rf"^({_BEGINNING}{{{DEEPEST}}}+){_BEGINNING}++", re.MULTILINE)

_TARGET = r"((?:(?:ru|en):)?[a-z0-9]+(?:-[a-z0-9]+)*)(?:[?#].*)?"


def links(
    text: str, paths: Mapping[str, str], events: Callable[[str], Iterable[Any]] = pyromark.events
) -> list[str]:
    """Return the entries that links such as `[Tu-144](/articles/tu-144)` lead to.

    A link is what CommonMark says; what a line nests beyond DEEPEST is passed over. The time is linear in the
    text, whatever it holds.

    Args:
        text: Markdown (CommonMark).
        paths: place of a kind in addresses → name of the kind: {"articles": "article"}.
        events: the parser.

    Returns:
        Each target once, in the order of their first appearance, as "article/tu-144", "article/en:tu-144" or
        "article/<id>"; pictures and what is in code are none.

    Raises:
        ValueError: the parser failed on this text.
    """
    if "[" not in text or not ("&" in text or "\\" in text or any(f"/{one}/" in text for one in paths)):
        return []  # `&` and a backslash: signs may be spelt otherwise
    address = _address(tuple(paths))
    plain = _TOO_DEEP.sub(r"\1", text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        found = dict.fromkeys(_targets(events(plain), address))
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # no Exception: it would end the process, not the event
            raise ValueError("the Markdown parser failed") from error
        raise
    return [f"{paths[path]}/{target}" for path, target in found]


def _targets(events: Iterable[Any], address: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    pictures = 0
    for event in events:
        if type(event) is str:
            continue
        start = event.get("Start")
        if type(start) is dict:
            if "Link" in start and not pictures:
                target = address.fullmatch(start["Link"]["dest_url"])
                if target is not None:
                    yield target[1], target[2]
            elif "Image" in start:
                pictures += 1
        elif start is None and event.get("End") == "Image":
            pictures -= 1


@cache
def _address(paths: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"/({'|'.join(map(re.escape, paths))})/{_TARGET}")
