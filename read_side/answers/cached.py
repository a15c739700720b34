"""Whole answers, kept ahead of the framework: one look-up, and only while it is certain what became old."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.http.edge.whole import NO_BODY, Whole
from kit.http.requests.conditions import if_none_match
from kit.log.lineage import Lineage
from read_side.answers.respond import KEEP, kept
from read_side.fresh.served import Served

BYTES = 64 * 1024 * 1024
"""Memory for answers, their keys and headers."""

LARGEST = 1024 * 1024
"""Bytes of the largest body that is kept."""

_OVERHEAD = 2_000
"""Bytes that an answer costs beside its body, key and tags, roughly."""

_A_TAG = 250
"""Bytes that a tag of an answer costs beside its letters: an answer may hang on thousands."""

_READING = frozenset({"GET", "HEAD"})
_KNOWN = frozenset({b"authorization", b"cookie"})
"""Headers that only those send who want to be known."""

_DECIDING = _KNOWN | {b"if-none-match"}

type Key = tuple[bytes, bytes]
"""Path and query as they came. What was answered under exactly these was judged then."""


class Kept:
    """One answer as it goes out, whole and as a 304. They are shared by all who get it."""

    __slots__ = ("etag", "size", "tags", "unchanged", "whole")

    def __init__(self, whole: Whole, *, tags: tuple[str, ...], key: Key) -> None:
        self.whole = whole
        self.unchanged = Whole(304, without_body(whole.headers), b"", whole.route)
        self.tags = tags
        self.size = whole.size + _OVERHEAD + sum(map(len, key)) + sum(len(tag) + _A_TAG for tag in tags)
        self.etag = next((value.decode("latin-1") for name, value in whole.headers if name == b"etag"), "")


class Cached:
    """An ASGI layer that answers GET and HEAD from memory where it can, and passes everything else on.

    An answer is found by exact path and query, and only for requests without Authorization and Cookie. It
    is stored when its route marked it, served while the last poll is younger than `TRUSTED`, and dropped
    when a poll sees one of its tags.

    Args:
        app: the rest of the application.
        served: what the polls saw; this layer makes itself known to it.
        limit: bytes to use.
    """

    def __init__(self, app: ASGIApp, served: Served, *, limit: int = BYTES) -> None:
        self._app = app
        self._served = served
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._by_tag: dict[str, set[Key]] = {}
        served.drop = self.drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _READING:
            await self._app(scope, receive, send)
            return
        asked = _asked(scope["headers"])
        whole = self.at_once(scope, asked)
        key = _key(scope) if _KNOWN.isdisjoint(asked) else None
        if whole is None and self._served.resting and key in self._kept:
            await self._served.awake()
            whole = self.at_once(scope, asked)
        if whole is None:
            await self._app(scope, receive, _Fill(self, key, asked.get(b"if-none-match"), scope, send))
            return
        scope.setdefault("state", {})["route"] = whole.route
        await send({"type": "http.response.start", "status": whole.status, "headers": whole.headers})
        await send(whole.rest if scope["method"] == "GET" else NO_BODY)

    def at_once(self, scope: Scope, asked: Mapping[bytes, bytes]) -> Whole | None:
        """Return what can be answered from memory now.

        Args:
            scope: of a request.
            asked: its headers by name, of those at least that decide here: whoever sends Authorization or
                Cookie gets nothing, and If-None-Match may get a 304.
        """
        key = _key(scope)
        answer = self._kept.get(key)
        if (
            answer is None
            or not self._served.trusted
            or scope["method"] not in _READING
            or not _KNOWN.isdisjoint(asked)
        ):
            return None
        self._served.asked = True
        self._kept.move_to_end(key)
        condition = asked.get(b"if-none-match")
        if condition is not None and answer.etag and if_none_match(condition.decode("latin-1"), answer.etag):
            return answer.unchanged
        return answer.whole

    @property
    def lineage(self) -> Lineage | None:
        """Of the log that is served now."""
        return self._served.lineage

    def store(
        self,
        key: Key,
        mark: bytes,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        *,
        lineage: Lineage | None,
    ) -> None:
        """Keep an answer, unless something that it shows has changed since its rows were read."""
        schema, stamp, route, tags = kept(mark)
        if (
            lineage is not self.lineage
            or len(body) > LARGEST
            or not any(model.holds(schema, stamp, tags) for model in self._served.models.values())
        ):
            return
        self._forget(key)
        answer = self._kept[key] = Kept(Whole(status, headers, body, route), tags=tags, key=key)
        self._size += answer.size
        for tag in tags:
            self._by_tag.setdefault(tag, set()).add(key)
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

    def _forget(self, key: Key) -> None:
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


class _Fill:
    """A `send` that takes the mark off an answer and keeps what it marks.

    The condition of an anonymous request is taken away from the application and judged here: the answer is
    kept whole although this client gets a 304.
    """

    __slots__ = (
        "_cached", "_condition", "_headers", "_key", "_lineage", "_mark", "_send", "_status", "_unchanged",
    )  # fmt: skip

    def __init__(
        self, cached: Cached, key: Key | None, condition: bytes | None, scope: Scope, send: Send
    ) -> None:
        self._cached = cached
        self._lineage = cached.lineage  # if it ends meanwhile, the rows that will be shown were another log's
        self._key = key
        self._condition = condition.decode("latin-1") if condition is not None and key is not None else None
        self._send = send
        self._mark: bytes | None = None
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._unchanged = False
        if self._condition is not None:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = self._begin(message)
        else:
            if self._mark is not None and self._key is not None and not message.get("more_body", False):
                self._cached.store(
                    self._key,
                    self._mark,
                    self._status,
                    self._headers,
                    message.get("body", b""),
                    lineage=self._lineage,
                )
            self._mark = None
            if self._unchanged:
                message = {**message, "body": b""}
        await self._send(message)

    def _begin(self, message: Message) -> Message:
        self._status = message["status"]
        headers = list(message.get("headers", ()))
        mark = etag = None
        for name, value in headers:
            if name == KEEP:
                mark = value
            elif name == b"etag":
                etag = value
        if mark is not None:
            headers = [pair for pair in headers if pair[0] != KEEP]
            self._mark = mark if self._status in {200, 301} else None
        self._headers = headers
        status = self._status
        if status == 200 and etag and if_none_match(self._condition, etag.decode("latin-1")):  # noqa: PLR2004
            self._unchanged, status, headers = True, 304, without_body(headers)
        return {**message, "status": status, "headers": headers}


def _key(scope: Scope) -> Key:
    return scope.get("raw_path") or scope["path"].encode(), scope["query_string"]


def _asked(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers that decide here; several lines of one are a list."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _DECIDING:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def without_body(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of a 304: those of the answer that do not describe its body."""
    return [pair for pair in headers if pair[0] not in {b"content-length", b"content-type"}]
