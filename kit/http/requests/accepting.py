"""What a client takes: media types and content codings, weighed by RFC 9110, 12.4.2 to 12.5.3."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

IDENTITY = "identity"

CODINGS = ("br", "zstd", "gzip")
"""What we can send, the smallest first: it decides where a client wants several equally."""

LOOKED_AT = 50
"""Members of a list that are looked at."""

_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_OTHER_NAMES = {"x-gzip": "gzip"}


class Taken(NamedTuple):
    """Which codings a client takes."""

    best: str
    """The one to send where it is worth the work: one of `CODINGS`, or `IDENTITY`; empty: it takes none."""
    plain: bool
    """Whether it takes an answer without a coding."""


@lru_cache(256)  # few kinds of clients ask often
def codings(accept_encoding: bytes) -> Taken:
    """Judge the value of Accept-Encoding; several lines joined by commas.

    A client that does not send the header takes anything, and is sent what is plain: this is not for it.
    """
    weights: dict[str, float] = {}
    for name, weight in _weighed(accept_encoding.decode("latin-1")):
        weights.setdefault(_OTHER_NAMES.get(name, name), weight)
    others = weights.get("*")
    plain = weights.get(IDENTITY, others)
    found = {name: weights.get(name, others or 0.0) for name in CODINGS}
    best = max(CODINGS, key=found.__getitem__)
    takes_plain = plain is None or plain > 0
    if not found[best] or (IDENTITY in weights and weights[IDENTITY] > found[best]):
        best = IDENTITY if takes_plain else ""
    return Taken(best, takes_plain)


def media_type(accept: str, offered: Sequence[str]) -> str:
    """Return which of these media types a client would rather have; empty: none of them.

    Args:
        accept: value of Accept; empty: the client takes anything.
        offered: what there is, in lower case and without parameters; the first of several that are equally
            welcome is taken.
    """
    if not accept.strip():
        return offered[0]
    weights: dict[str, float] = {}
    for name, weight in _weighed(accept):
        weights.setdefault(name, weight)
    found = {one: _closest(weights, one) for one in offered}
    best = max(offered, key=found.__getitem__)
    return best if found[best] else ""


def _closest(weights: dict[str, float], wanted: str) -> float:
    """Return the weight of a media type: what names it most closely decides."""
    ranges = (wanted, f"{wanted.partition('/')[0]}/*", "*/*")
    return next((weights[one] for one in ranges if one in weights), 0.0)


def _weighed(header: str) -> list[tuple[str, float]]:
    """Return the members of a list with their weights; one whose weight is none is left out."""
    found = []
    for part in header.lower().split(",", LOOKED_AT)[:LOOKED_AT]:
        name, *parameters = (one.strip(" \t") for one in part.split(";"))
        weights = [one[2:] for one in parameters if one.startswith("q=")] or ["1"]
        if name and _WEIGHT.fullmatch(weights[0]):
            found.append((name, float(weights[0])))
    return found
