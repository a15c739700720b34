"""Conditional requests: If-Match names the version that was edited, If-None-Match the answer already held."""

import re
from typing import Annotated, NamedTuple

from fastapi import Depends

from kit.errors import Problem
from kit.http.requests.headers import OneHeader
from kit.problem_types import INVALID_HEADER, PRECONDITION_REQUIRED, not_a_tag_of

MAX_VERSION = 2**62
MAX_KEY = 255

_ENTITY_TAG = r'"[\x21\x23-\x7e\x80-\xff]*"'
_VERSION = re.compile(r'"v([0-9]{1,40})"')
_STRONG = re.compile(_ENTITY_TAG)
_LIST = re.compile(rf"[ \t,]*(?:W/)?({_ENTITY_TAG}|\*)[ \t]*(?:,|$)")
_KEY = re.compile(rf"[\x20-\x7e]{{1,{MAX_KEY}}}")


class Edited(NamedTuple):
    """What is edited and has versions, as refusals name it."""

    noun: str = "version"
    """What carries the ETag: "draft". The refusal of another ETag is of the type not-a-<noun>-tag."""
    read_it: str = "Read it"
    """How to get its ETag: "Read the draft"."""


def version_tag(version: int) -> str:
    """Return the entity tag of what is edited at a version: the only one that `if_match` takes."""
    return f'"v{version}"'


def if_match(header: str | None, edited: Edited = Edited()) -> int:  # noqa: B008 - immutable
    """Return the version that a request was based on.

    Args:
        header: value of If-Match.
        edited: what has the versions.

    Raises:
        Problem: 428 without the header, 400 when it is `*`, a list, weak or garbage, 412 when it is the tag
            of something else.
    """
    if header is None:
        raise Problem(
            PRECONDITION_REQUIRED,
            detail=f'{edited.read_it} and send its ETag, such as If-Match: "v7".',
        )
    found = _VERSION.fullmatch(header)
    if found is not None:
        version = int(found[1])
        if 1 <= version <= MAX_VERSION and found[1][0] != "0":
            return version
        raise _bad("if-match", "names a version that cannot be")
    if _STRONG.fullmatch(header):
        raise Problem(
            not_a_tag_of(edited.noun),
            detail=f"{edited.read_it} and send the ETag of that answer.",
        )
    raise _bad("if-match", f'must be one strong ETag of a {edited.noun}, such as "v7"')


def if_none_match(header: str | None, tag: str) -> bool:
    """Say whether the client holds the answer already (RFC 9110, 13.1.2: weak comparison).

    Args:
        header: value of If-None-Match; several lines joined by commas, `*` in any of them.
        tag: entity tag of the answer, with its quotes, weak or strong.
    """
    if header is None:
        return False
    return header in {tag, "*"} or not named_tags(header).isdisjoint({tag.removeprefix("W/"), "*"})


def named_tags(header: str) -> frozenset[str]:
    """Return the entity tags of a list, without what says that they are weak; nothing where it is no list."""
    found: set[str] = set()
    at = 0
    while at < len(header):
        one = _LIST.match(header, at)
        if one is None:
            return frozenset()
        found.add(one[1])
        at = one.end()
    return frozenset(found)


def idempotency_key(header: str | None) -> str | None:
    """Return the key under which the answer to a request is kept, or None.

    Raises:
        Problem: 400 unless it has 1 to 255 printable ASCII characters.
    """
    if header is not None and not _KEY.fullmatch(header):
        raise _bad("idempotency-key", f"must have 1 to {MAX_KEY} printable ASCII characters")
    return header


def if_match_header(edited: Edited, about: str) -> OneHeader[int]:
    """Return what reads the If-Match of requests that edit something; `about`: one sentence for OpenAPI."""
    return OneHeader("If-Match", lambda header: if_match(header, edited), required=True, about=about)


IDEMPOTENCY_KEY = OneHeader(
    "Idempotency-Key",
    idempotency_key,
    about="A retry with the same key, If-Match and body gets the same receipt, and says so in a header.",
)

IdempotencyKey = Annotated[str | None, Depends(IDEMPOTENCY_KEY)]
"""Parameter of an endpoint: the value of Idempotency-Key, if any."""


def _bad(name: str, detail: str) -> Problem:
    errors = [{"header": name, "detail": detail}]
    return Problem(INVALID_HEADER, errors=errors)
