"""The layer around every HTTP application: limits, ids, headers, last resort, metrics, access log."""

import asyncio
import traceback
from collections.abc import Collection, Mapping
from time import perf_counter
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.errors import Problem
from kit.http.addresses import TrustedProxies
from kit.http.cookies import is_ours
from kit.http.edge.access import AccessLog
from kit.http.edge.cors import with_cors
from kit.http.edge.deadlines import Deadlines
from kit.http.edge.exchange import AT_ONCE, BodyLimit, Outgoing, in_pieces
from kit.http.edge.metrics import Metrics
from kit.http.edge.refusing import as_problem, respond
from kit.http.edge.streams import LongAnswers, NotRead, TooMany, is_only, too_many
from kit.http.edge.websockets.layer import WebSockets, asks_for_websocket
from kit.http.edge.whole import NO_BODY, AtOnce, Whole, beginning
from kit.http.requests.head import MAX_METHOD, body_length, check_target, given_id, read_head
from kit.ids import new_id_text
from kit.limits.limits import Limits
from kit.problem_types import INTERNAL

MAX_BODY = 1024 * 1024
"""Bytes that a request body may have."""

BODY_SECONDS = 30.0
"""Time within which the whole body has to arrive."""


_WITH_BODY = frozenset({b"content-length", b"transfer-encoding"})


class Edge:
    """Wraps an ASGI application; it is the application that the server runs.

    Inner layers find the id of the request in `scope["state"]["request_id"]`, and what they put into its
    `told` becomes headers of the answer. A layer that answers without
    the router names its route template in `scope["state"]["route"]`.

    Args:
        app: what answers.
        metrics: counts every answer.
        log: takes one line per request; None: no access log.
        origins: exact origins that browsers may call from, such as "https://example.org".
        exposed: headers of answers that pages of those origins may read, beside those that HTTP itself has.
        hosts: the only names that the Host header may carry; empty: any.
        hidden: paths that are answered as if nothing were there.
        limits: count the requests of routes that have a limit; None: nothing is counted.
        proxies: say who a request is from; None: nobody but its sender is believed.
        streams: counts, bounds and ends WebSockets and event streams; None: those of this edge.
        at_once: asked first for requests without a body; what it finds goes out as it is. The application
            must answer the same.
        max_body: bytes that a request body may have.
        body_seconds: time within which a body has to arrive.

    Raises:
        ValueError: when an origin is a wildcard or "null".
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        log: AccessLog | None = None,
        origins: Collection[str] = (),
        exposed: Collection[str] = (),
        hosts: Collection[str] = (),
        hidden: Collection[str] = (),
        limits: Limits | None = None,
        proxies: TrustedProxies | None = None,
        streams: LongAnswers | None = None,
        at_once: AtOnce | None = None,
        max_body: int = MAX_BODY,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = with_cors(app, origins, exposed) if origins else app
        self._at_once = at_once
        self._by_origin = bool(origins)
        self._passed_on = _WITH_BODY | ({b"origin"} if origins else set())
        self._metrics = metrics
        self._log = log
        self._limits = limits
        self._proxies = proxies
        self._hosts = frozenset(host.lower().encode() for host in hosts)
        self._hidden = frozenset(hidden)
        self._max_body = max_body
        self._body_seconds = body_seconds
        self._deadlines = Deadlines(body_seconds / 20)
        self._failures = structlog.get_logger("http")
        self._streams = streams or LongAnswers()
        self._websockets = WebSockets(app, self._streams, log, origins=origins, hidden=self._hidden)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self._app(scope, receive, send)
            finally:
                if self._log is not None:
                    self._log.flush()
            return
        started = perf_counter()
        state: dict[str, Any] = scope.setdefault("state", {})
        if self._proxies is not None:
            state["address"] = self._proxies.client(scope)
        refused: Exception | None = None
        headers: Mapping[bytes, bytes] = {}
        whole, lasts = None, False
        try:
            if len(scope["method"]) > MAX_METHOD:
                raise HTTPException(501)  # noqa: TRY301 - before anything is done with it
            headers = read_head(scope["headers"], scope["http_version"], self._hosts)
            state["request_id"] = given_id(headers) or new_id_text()
            lasts = b"upgrade" in headers and asks_for_websocket(scope, headers)
            if not lasts:
                whole = self._whole(scope, headers)
        except Exception as error:  # noqa: BLE001 - answered like what the application raises
            refused = error
        if lasts:
            await self._websockets(scope, send, headers)
            return
        if whole is None:
            await self._through(scope, receive, send, headers, refused, started)
            return
        size = 0
        try:
            await send(beginning(whole, scope, by_origin=self._by_origin))
            if scope["method"] == "HEAD":
                await send(NO_BODY)
            else:
                size = whole.size
                await (send(whole.rest) if size <= AT_ONCE else in_pieces(send, whole.rest["body"]))
        finally:
            self._note(scope, whole.route, whole.status, size, started)

    def _whole(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Whole | None:
        """Return what is ready, for a request that has no body and goes through no other layer."""
        if (
            self._at_once is not None
            and scope["http_version"] == "1.1"
            and self._passed_on.isdisjoint(headers)
            and scope["path"] not in self._hidden
        ):
            return self._at_once(scope, headers)
        return None

    async def _through(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Mapping[bytes, bytes],
        refused: Exception | None,
        started: float,
    ) -> None:
        """Let the application answer, or refuse."""
        state = scope["state"]
        state["limits"] = self._limits
        answer = Outgoing(send, scope, self._streams, self._deadlines)
        answer.request_id = state.get("request_id", "")
        inside = scope
        try:
            if refused is not None:
                raise refused  # noqa: TRY301 - told here like what comes from further in
            check_target(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
            if scope["path"] in self._hidden:
                raise HTTPException(404)  # noqa: TRY301 - the same answer as where there is no route
            answer.private = b"authorization" in headers or is_ours(headers.get(b"cookie", b""))
            length = body_length(headers, scope["http_version"])
            if length:
                limit = BodyLimit(receive, length, self._max_body, self._body_seconds, self._deadlines)
                receive = answer.incoming = limit
                state["allow_body_seconds"] = limit.allow_seconds
            else:
                answer.closes = False
            if scope["method"] == "HEAD":
                inside = {**scope, "method": "GET"}
                receive = answer.without_body(receive)
            await self._app(inside, receive, answer)
        except asyncio.CancelledError:
            if not await answer.ended():
                raise
        except Exception as error:  # noqa: BLE001 - the last resort: a request never takes the worker down
            await self._fail(error, inside, answer)
        finally:
            route = state.get("route") or _template(inside)
            answer.leave()
            self._note(scope, route, answer.status or 499, answer.size, started, lasting=answer.lasting)

    def _note(
        self, scope: Scope, route: str, status: int, size: int, started: float, *, lasting: bool = False
    ) -> None:
        seconds = perf_counter() - started
        if not lasting:
            self._metrics.add(scope["method"], route, status, seconds)
        if self._log is not None:
            self._log.add(scope, route, status, size, seconds)

    async def _fail(self, error: Exception, scope: Scope, answer: Outgoing) -> None:
        request_id = answer.request_id
        if not request_id:
            scope["state"]["request_id"] = answer.request_id = request_id = new_id_text()
        if is_only(error, NotRead):
            return  # an answer that is not finished ends its connection, and nobody is to be told
        problem = too_many() if isinstance(error, TooMany) else as_problem(error)
        if problem is None:
            trace = "".join(
                traceback.format_exception(error)
            )  # plain: a pretty one shows the values of variables
            self._failures.error("unhandled", request_id=request_id, route=_template(scope), traceback=trace)
            problem = Problem(INTERNAL)
        if answer.status == 0:
            await respond(problem, request_id, answer)
        elif not answer.finished:
            raise error  # the server cuts the connection: a truncated answer must not look whole


def _template(scope: Scope) -> str:
    """Return the template of the route that was chosen, with the prefixes of the routers that include it."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    chosen = context if context is not None else scope.get("route")
    return getattr(chosen, "path_format", None) or getattr(chosen, "path", None) or "unmatched"
