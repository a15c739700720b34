"""Whole answers, kept ahead of the framework: one look-up, and only while it is certain what became old."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from kit.http.cookies import is_ours
from kit.http.edge.whole import NO_BODY, Whole
from kit.http.requests.accepting import codings
from kit.log.lineage import Lineage
from read_side.answers.fill import Fill, refuse_codings
from read_side.answers.kept import AnswerKey, Kept
from read_side.answers.respond import Keep
from read_side.fresh.served import Served

MAX_BYTES = 64 * 1024 * 1024
"""Memory for answers, their keys and headers."""

LARGEST = 4 * 1024 * 1024
"""Bytes of the largest body that is kept. The difference of two long texts, which costs the most to make, may
have three million."""

IN_THE_LOOP = 32 * 1024
"""Bytes of a body up to which it is compressed at once: that takes half a millisecond. Larger ones are
compressed in a thread."""

_READING = frozenset({"GET", "HEAD"})
_DECIDING = frozenset({b"accept-encoding", b"authorization", b"cookie", b"if-none-match"})


class Cached:
    """An ASGI layer that answers GET and HEAD from memory where it can, and passes everything else on.

    An answer is found by exact path and query, and only for requests without Authorization. One whose route
    asked who sends the request is not for those with a cookie of ours. It is stored when its route marked it,
    served while the last poll is younger than `TRUSTED`, and dropped when a poll sees one of its tags. It is
    compressed once for each coding that is asked for, however many ask at once, and kept beside the plain.

    Args:
        app: the rest of the application.
        served: what the polls saw; this layer makes itself known to it.
        limit: bytes to use.
    """

    def __init__(self, app: ASGIApp, served: Served, *, limit: int = MAX_BYTES) -> None:
        self._app = app
        self._served = served
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[AnswerKey, Kept] = OrderedDict()
        self._by_tag: dict[str, set[AnswerKey]] = {}
        served.drop = self.drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _READING:
            await self._app(scope, receive, send)
            return
        asked = _asked(scope["headers"])
        if b"authorization" in asked:
            await self._app(scope, receive, Fill(None, scope, asked, send))
            return
        known = _has_our_cookie(asked)
        whole = self.at_once(scope, asked)
        if whole is None and self._served.resting and self._found(scope, known=known) is not None:
            await self._served.awake()
            whole = self.at_once(scope, asked)
        if whole is None:
            found = self._found(scope, known=known)
            if found is not None and self._served.trusted:
                whole = await self.encoded(found, asked.get(b"accept-encoding"))
                if whole is None:
                    await refuse_codings(scope, send)
                    return
                if self._find(scope) is not found or not self._served.trusted:
                    whole = None  # it became old while it was compressed
        if whole is None:
            await self._app(scope, receive, Fill(self, scope, asked, send, known=known))
            return
        scope.setdefault("state", {})["route"] = whole.route
        await send({"type": "http.response.start", "status": whole.status, "headers": whole.headers})
        await send(whole.rest if scope["method"] == "GET" else NO_BODY)

    def at_once(self, scope: Scope, asked: Mapping[bytes, bytes]) -> Whole | None:
        """Return what can be answered from memory now.

        Args:
            scope: of a request.
            asked: its headers by name, of those at least that decide here: with Authorization it gets
                nothing, with a cookie of ours nothing that depends on who asks; If-None-Match may get a 304,
                Accept-Encoding chooses.
        """
        answer = self._find(scope)
        if (
            answer is None
            or not self._served.trusted
            or scope["method"] not in _READING
            or b"authorization" in asked
            or (answer.asked_who and _has_our_cookie(asked))
        ):
            return None
        self._served.asked = True
        self._kept.move_to_end(answer.key)
        condition = asked.get(b"if-none-match")
        if condition is not None:
            unchanged = answer.unchanged(condition)
            if unchanged is not None:
                return unchanged
        accepted = asked.get(b"accept-encoding")
        return answer.whole if accepted is None else answer.accepted(accepted)[0]

    def _found(self, scope: Scope, *, known: bool) -> Kept | None:
        found = self._find(scope)
        return None if found is not None and found.asked_who and known else found

    def _find(self, scope: Scope) -> Kept | None:
        found = self._kept.get((scope.get("raw_path") or scope["path"].encode(), scope["query_string"]))
        if found is None or found.until is None or self._served.clock() < found.until:
            return found
        self._forget(found.key)
        return None

    async def encoded(self, answer: Kept, accept_encoding: bytes | None) -> Whole | None:
        """Return an answer in the coding that a client takes; None: there is none.

        Args:
            answer: it is kept in that coding for as long as it is kept itself. One that is not kept is
                compressed only for who does not take it plain.
            accept_encoding: value of the header; None: it was not sent.
        """
        if accept_encoding is None:
            return answer.whole
        whole, coding = answer.accepted(accept_encoding)
        if whole is not None or not coding:
            return whole
        if self._kept.get(answer.key) is not answer and codings(accept_encoding).plain:
            return answer.whole
        if answer.whole.size <= IN_THE_LOOP:
            return self._noted(answer, coding, answer.encode(coding))
        making = answer.making.get(coding)
        if making is None:
            making = answer.making[coding] = asyncio.ensure_future(self._encode(answer, coding))
        return await asyncio.shield(making)

    async def _encode(self, answer: Kept, coding: str) -> Whole:
        """Compress beside the loop, whether or not the one who asked first is still there."""
        try:
            return self._noted(answer, coding, await asyncio.to_thread(answer.encode, coding))
        finally:
            del answer.making[coding]

    def _noted(self, answer: Kept, coding: str, whole: Whole) -> Whole:
        cost = answer.keep(coding, whole)
        if self._kept.get(answer.key) is answer:
            self._size += cost
            self._make_room()
        return whole

    @property
    def lineage(self) -> Lineage | None:
        """Of the log that is served now."""
        return self._served.lineage

    def store(self, answer: Kept, keep: Keep, lineage: Lineage | None) -> Kept:
        """Keep an answer, unless something that it shows has changed since its rows were read.

        Args:
            answer: found by path and query.
            keep: what it hangs on: every read model of it has to hold what was read.
            lineage: of the log that was served when the rows were read.

        Returns:
            The same answer as another request had it kept, or this one.
        """
        if (
            lineage is not self.lineage
            or answer.whole.size > LARGEST
            or not all(self._holds(schema, stamp, keep.tags) for schema, stamp in keep.stamps.items())
        ):
            return answer
        known = self._kept.get(answer.key)
        if known is not None and known.same_as(answer):
            return known
        self._forget(answer.key)
        self._kept[answer.key] = answer
        self._size += answer.size
        for tag in answer.tags:
            self._by_tag.setdefault(tag, set()).add(answer.key)
        self._make_room()
        return answer

    def _holds(self, schema: str, stamp: int, tags: Iterable[str]) -> bool:
        return any(model.holds(schema, stamp, tags) for model in self._served.models.values())

    def _make_room(self) -> None:
        while self._size > self._limit:
            self._forget(next(iter(self._kept)))

    def drop(self, tags: Iterable[str] | None) -> None:
        """Forget the answers that hang on these tags; None: all."""
        if tags is None:
            self._kept.clear()
            self._by_tag.clear()
            self._size = 0
            return
        for tag in tags:
            for key in self._by_tag.pop(tag, ()):
                self._forget(key)

    def _forget(self, key: AnswerKey) -> None:
        answer = self._kept.pop(key, None)
        if answer is None:
            return
        self._size -= answer.size
        for tag in answer.tags:
            keys = self._by_tag.get(tag)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._by_tag[tag]


def _has_our_cookie(asked: Mapping[bytes, bytes]) -> bool:
    return b"cookie" in asked and is_ours(asked[b"cookie"])


def _asked(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers that decide here; several lines of one are a list."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _DECIDING:
            found[name] = found[name] + b", " + value if name in found else value
    return found
