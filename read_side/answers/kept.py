"""One answer that is kept: as its route made it, in the codings that were asked for, and as a 304 of each."""

import asyncio
from collections.abc import Iterable
from functools import cached_property

from kit.http.compression import SMALL_BYTES, compressed, made_by
from kit.http.edge.whole import Whole, varying
from kit.http.requests.accepting import CODINGS, IDENTITY, codings
from kit.http.requests.conditions import named_tags
from read_side.answers.answer import OK, entity_tag

_OVERHEAD = 2_000
"""Bytes that an answer costs beside its body, key and tags, roughly."""

_A_TAG = 250
"""Bytes that a tag of an answer costs beside its letters: an answer may hang on thousands."""

type AnswerKey = tuple[bytes, ...]
"""Path and query as they came. What was answered under exactly these was judged then."""

type Headers = list[tuple[bytes, bytes]]


class Kept:
    """An answer as it goes out. What it gives is shared by all who get it.

    Args:
        whole: as its route made it; a 200 says that it varies by Accept-Encoding.
        tags: purge tags that it hangs on.
        key: what it is found by.
        until: moment of `Served.clock` after which it is another one, if there is such a moment.
        asked_who: its route asked who sends the request, and it is for those whom nobody knows.
    """

    def __init__(
        self,
        whole: Whole,
        *,
        tags: tuple[str, ...],
        key: AnswerKey,
        until: float | None = None,
        asked_who: bool = False,
    ) -> None:
        self.asked_who = asked_who
        self.tags = tags
        self.until = until
        self.key = key
        self.making: dict[str, asyncio.Future[Whole]] = {}
        """Coding → what is being compressed, for all who wait for it."""
        if whole.status == OK:
            whole = Whole(
                whole.status, varying(whole.headers, b"accept-encoding"), whole.rest["body"], whole.route
            )
        self.whole = whole
        self.size = whole.size + _OVERHEAD + sum(map(len, key)) + sum(len(tag) + _A_TAG for tag in tags)
        self.etag = _etag(whole.headers)
        self._encoded: dict[str, Whole] = {}

    def same_as(self, other: "Kept") -> bool:
        """Say whether another one, made by another request, is this one for all who get it."""
        whole, of_other = self.whole, other.whole
        return (
            (self.key, self.tags, whole.status, whole.headers)
            == (other.key, other.tags, of_other.status, of_other.headers)
        ) and whole.rest["body"] == of_other.rest["body"]

    def accepted(self, accept_encoding: bytes) -> tuple[Whole | None, str]:
        """Return the answer for a client that sends this, and the coding that is missing.

        Returns:
            None and a coding when the answer has to be compressed first; None and "" when the client takes
            nothing that there is.
        """
        taken = codings(accept_encoding)
        if (
            self.whole.status != OK
            or taken.best == IDENTITY
            or (taken.plain and self.whole.size <= SMALL_BYTES)
        ):
            return self.whole, ""
        return self._encoded.get(taken.best), taken.best

    def encode(self, coding: str) -> Whole:
        """Return the answer in a coding, compressed now; it may be called from any thread."""
        plain = self.whole
        body = compressed(coding, plain.rest["body"])
        headers = [pair for pair in plain.headers if pair[0] not in {b"content-length", b"etag"}]
        headers += [(b"content-encoding", coding.encode()), (b"content-length", b"%d" % len(body))]
        if self.etag:
            headers.append((b"etag", self._tag_in(coding).encode()))
        return Whole(plain.status, headers, body, plain.route)

    def keep(self, coding: str, whole: Whole) -> int:
        """Keep the answer in a coding; return the bytes that this costs."""
        if coding in self._encoded:
            return 0
        self._encoded[coding] = whole
        cost = whole.size + _OVERHEAD
        self.size += cost
        return cost

    def unchanged(self, condition: bytes) -> Whole | None:
        """Return the 304 for a client that holds the answer already, in whichever coding; None: it does not.

        Args:
            condition: value of If-None-Match.
        """
        exactly = self._unchanged.get(condition)
        if exactly is not None:
            return exactly
        named = named_tags(condition.decode("latin-1"))
        known = self._unchanged.items()
        return next((one for tag, one in known if "*" in named or tag.decode("latin-1") in named), None)

    @cached_property
    def _unchanged(self) -> dict[bytes, Whole]:
        """Entity tag → 304 that names it; nothing where there is no tag."""
        if not self.etag or self.whole.status != OK:
            return {}
        tags = [self.etag, *(self._tag_in(coding) for coding in CODINGS)]
        bare = [pair for pair in without_body(self.whole.headers) if pair[0] != b"etag"]
        route = self.whole.route
        return {
            one.encode("latin-1"): Whole(304, [*bare, (b"etag", one.encode("latin-1"))], b"", route)
            for one in tags
        }

    def _tag_in(self, coding: str) -> str:
        return entity_tag(self.etag.encode("latin-1"), made_by(coding))


def _etag(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == b"etag"), "")


def without_body(headers: Headers) -> Headers:
    """Return the headers of a 304: those of the answer that do not describe its body."""
    return [pair for pair in headers if pair[0] not in {b"content-length", b"content-type"}]
