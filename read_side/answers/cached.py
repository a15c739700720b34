"""Whole answers, kept ahead of the framework: one look-up, and only while it is certain what became old."""

from collections import OrderedDict
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

type Key = tuple[str, bytes]


class Kept:
    """One answer as it goes out. Its headers are shared by all who get it: nobody may change them."""

    __slots__ = ("body", "etag", "headers", "route", "size", "status", "tags", "unchanged")

    def __init__(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        *,
        route: str,
        tags: tuple[str, ...],
        key: Key,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.route = route
        self.tags = tags
        self.size = len(body) + _OVERHEAD + sum(map(len, key)) + sum(len(tag) + _A_TAG for tag in tags)
        self.etag = next((value.decode("latin-1") for name, value in headers if name == b"etag"), "")
        self.unchanged = without_body(headers)


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
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        condition: str | None = None
        anonymous = True
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                text = value.decode("latin-1")
                condition = text if condition is None else f"{condition}, {text}"
            elif name in {b"authorization", b"cookie"}:
                anonymous = False
        key = (scope["path"], scope["query_string"])
        answer = self._kept.get(key) if anonymous else None
        if answer is not None and self._served.resting:
            await self._served.awake()
            answer = self._kept.get(key)
        if answer is None or not self._served.trusted:
            fill = _Fill(self, key if anonymous else None, condition if anonymous else None, scope, send)
            await self._app(scope, receive, fill)
            return
        self._served.asked = True
        self._kept.move_to_end(key)
        scope.setdefault("state", {})["route"] = answer.route
        body = b""
        if condition is not None and answer.etag and if_none_match(condition, answer.etag):
            start = {"type": "http.response.start", "status": 304, "headers": answer.unchanged}
        else:
            start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
            if scope["method"] == "GET":
                body = answer.body
        await send(start)
        await send({"type": "http.response.body", "body": body})

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
        answer = self._kept[key] = Kept(status, headers, body, route=route, tags=tags, key=key)
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
        self, cached: Cached, key: Key | None, condition: str | None, scope: Scope, send: Send
    ) -> None:
        self._cached = cached
        self._lineage = cached.lineage  # if it ends meanwhile, the rows that will be shown were another log's
        self._key = key
        self._condition = condition
        self._send = send
        self._mark: bytes | None = None
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._unchanged = False
        if condition is not None:
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


def without_body(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of a 304: those of the answer that do not describe its body."""
    return [pair for pair in headers if pair[0] not in {b"content-length", b"content-type"}]
