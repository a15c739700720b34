"""Which entries a Markdown text leads to."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

_TARGET = r"([a-z0-9]+(?:-[a-z0-9]+)*)"
_PLAIN = re.compile(r"\]\(/([a-z-]+)/" + _TARGET + r"(?:[?#][^\s()<>]*)?\)")
_ADDRESS = re.compile(r"/([a-z-]+)/" + _TARGET + r"(?:[?#].*)?")
_SUBTLE = re.compile(r"[`~<\\&]|\]:|\n(?: {4}|\t)|\A(?: {4}|\t)|\]\(\s|\]\(/[^)\s]*\s")
"""Signs that a link may stand in code, in HTML, behind an escape or a definition: then Markdown is parsed."""

_MARKDOWN = MarkdownIt("commonmark")


def links(text: str, path: str) -> list[str]:
    """Return the slugs and ids that links such as `[Tu-144](/articles/tu-144)` lead to.

    Args:
        text: Markdown (CommonMark).
        path: place of the kind in addresses, "articles".

    Returns:
        Each target once, in the order of their first appearance; links inside code are none.
    """
    if f"/{path}/" not in text:
        return []
    pairs = _parsed(text) if _SUBTLE.search(text) else iter(_PLAIN.findall(text))
    return list(dict.fromkeys(target for place, target in pairs if place == path))


def _parsed(text: str) -> Iterator[tuple[str, str]]:
    for block in _MARKDOWN.parse(text):
        for token in block.children or ():
            if token.type == "link_open":
                found = _ADDRESS.fullmatch(str(token.attrs.get("href", "")))
                if found is not None:
                    yield found[1], found[2]
