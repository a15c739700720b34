"""Which entries a Markdown text leads to."""

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt

_TARGET = r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:[?#][^\s()<>]*)?"
_REST = re.compile(_TARGET + r"""(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?[ \t]*\)""")
_SUBTLE = ("`", "~", "<", "\\", "&", "\t", "\n    ")
"""Signs that a link may stand in code, in HTML or behind an escape: then Markdown is parsed."""

_MARKDOWN = MarkdownIt("commonmark")


def links(text: str, path: str) -> list[str]:
    """Return the slugs and ids that links such as `[Tu-144](/articles/tu-144)` lead to.

    Args:
        text: Markdown (CommonMark).
        path: place of the kind in addresses, "articles".

    Returns:
        Each target once, in the order of their first appearance; links inside code are none.
    """
    place = f"/{path}/"
    if place not in text:
        return []
    pieces = text.split(place)
    if text.startswith("    ") or any(sign in text for sign in _SUBTLE):
        return list(dict.fromkeys(_parsed(text, place)))
    found = []
    for before, after in pairwise(pieces):
        if before.endswith("]("):
            target = _REST.match(after)
            if target is None:  # something else, in which what follows may stand
                return list(dict.fromkeys(_parsed(text, place)))
            found.append(target[1])
        elif before[-1:] in {"", " ", "\n", ":"}:  # a definition, or a link with a gap
            return list(dict.fromkeys(_parsed(text, place)))
    return list(dict.fromkeys(found))


def _parsed(text: str, place: str) -> Iterator[str]:
    address = re.compile(re.escape(place) + _TARGET)
    for block in _MARKDOWN.parse(text):
        for token in block.children or ():
            if token.type == "link_open":
                found = address.fullmatch(str(token.attrs.get("href", "")))
                if found is not None:
                    yield found[1]
