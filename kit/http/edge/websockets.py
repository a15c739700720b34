"""WebSockets at the edge: judged like any request first, and closed when the process ends."""

import asyncio
import traceback
from collections.abc import Collection
from contextlib import suppress
from time import perf_counter

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from kit.errors import Problem
from kit.http.edge.access import AccessLog
from kit.http.edge.refusing import as_problem, respond
from kit.http.edge.streams import WEBSOCKET, LongAnswers, NotRead, TooMany, is_only, too_many
from kit.http.requests.head import check_target, given_id, read_head
from kit.ids import new_id_text
from kit.problem_types import FOREIGN_PAGE, INTERNAL

_SWITCHED = 101
_GOING_AWAY, _BROKEN = 1001, 1011
_CLOSE_SECONDS = 0.3
"""Time for a close to go out to a client that may not read."""


class WebSockets:
    """Leads WebSockets to an application.

    Args:
        app: what speaks with them; it finds `state["request_id"]`. (The server sends no headers of ours with
            its 101.)
        streams: counts and ends them.
        log: takes one line for each at its end; None: no access log.
        origins: exact origins of pages that may open one, beside pages of the same host.
        hosts: the only names that Host may carry, in lower case; empty: any.
        hidden: paths where nothing is shown.
    """

    def __init__(
        self,
        app: ASGIApp,
        streams: LongAnswers,
        log: AccessLog | None,
        *,
        origins: Collection[str],
        hosts: Collection[bytes],
        hidden: Collection[str],
    ) -> None:
        self._app = app
        self._streams = streams
        self._log = log
        self._origins = frozenset(origin.encode() for origin in origins)
        self._hosts = hosts
        self._hidden = hidden
        self._failures = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        state = scope.setdefault("state", {})
        channel = _Channel(send, scope, self._streams)
        try:
            self._judge(scope)
            speaking: asyncio.Task[None] = asyncio.ensure_future(self._app(scope, receive, channel))
            try:
                with self._streams.opened(WEBSOCKET, scope, speaking) as stream:
                    await asyncio.wait({speaking})
            finally:
                speaking.cancel()
            if stream.ended:
                await channel.close(_GOING_AWAY)
            elif not speaking.cancelled():
                speaking.result()
        except Exception as error:  # noqa: BLE001 - the last resort, as for every request
            await self._fail(error, state.setdefault("request_id", new_id_text()), channel)
        finally:
            if self._log is not None:
                asked = {**scope, "method": "GET"}
                seconds = perf_counter() - started
                self._log.add(
                    asked, state.get("route", WEBSOCKET), channel.status or 499, channel.size, seconds
                )

    def _judge(self, scope: Scope) -> None:
        """Refuse what is refused of every request, and pages of other sites.

        Raises:
            Problem, HTTPException: it is refused.
        """
        headers = read_head(scope["headers"], scope["http_version"], self._hosts)
        scope["state"]["request_id"] = given_id(headers) or new_id_text()
        check_target(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        if scope["path"] in self._hidden:
            raise HTTPException(404)
        origin = headers.get(b"origin")
        own = headers.get(b"host", b"").lower()
        if origin is not None and origin.partition(b"://")[2].lower() != own and origin not in self._origins:
            raise Problem(FOREIGN_PAGE)

    async def _fail(self, error: Exception, request_id: str, channel: "_Channel") -> None:
        if isinstance(error, WebSocketDisconnect) or is_only(error, NotRead):
            return
        problem = too_many() if isinstance(error, TooMany) else as_problem(error)
        if problem is None:
            trace = "".join(traceback.format_exception(error))
            self._failures.error("unhandled", request_id=request_id, route=WEBSOCKET, traceback=trace)
        if channel.status:
            await channel.close(_BROKEN)
            return
        refusal = problem or Problem(INTERNAL)
        await respond(refusal, request_id, channel.refusing)


class _Channel:
    """A `send` that notes what went out, and gives up on a client that does not read."""

    def __init__(self, send: Send, scope: Scope, streams: LongAnswers) -> None:
        self._send = send
        self._scope = scope
        self._streams = streams
        self._closed = False
        self.status = 0
        """101 once it is accepted, that of the refusal, or 0."""
        self.size = 0
        """Bytes of messages sent."""

    async def __call__(self, message: Message) -> None:
        """Send a message.

        Raises:
            NotRead: its client does not read; the connection is cut.
        """
        kind = message["type"]
        if kind == "websocket.accept":
            self.status = _SWITCHED
        elif kind == "websocket.http.response.start":
            self.status = message["status"]
        elif kind == "websocket.close":
            self.status = self.status or 403
            self._closed = True
        elif kind == "websocket.send":
            self.size += len(message.get("bytes") or message.get("text") or "")
        try:
            async with asyncio.timeout(self._streams.send_seconds):
                await self._send(message)
        except TimeoutError:
            self._closed = True  # nothing more goes out to it
            self._streams.cut(self._scope)
            raise NotRead from None

    async def refusing(self, message: Message) -> None:
        """Send a part of an answer in place of the connection."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send({**message, "type": f"websocket.{message['type']}"})

    async def close(self, code: int) -> None:
        """Close it, unless it is closed, or its client does not read."""
        if self.status == _SWITCHED and not self._closed:
            with suppress(Exception):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._send({"type": "websocket.close", "code": code, "reason": ""})
