"""WebSockets at the edge: judged like any request first, and closed when the process ends."""

import asyncio
import traceback
from collections.abc import Collection, Mapping
from contextlib import suppress
from time import perf_counter

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Scope, Send
from starlette.websockets import WebSocketDisconnect

from kit.errors import Problem
from kit.http.edge.access import AccessLog
from kit.http.edge.refusing import as_problem, respond
from kit.http.edge.streams import WEBSOCKET, LongAnswers, NotRead, TooMany, is_only, too_many
from kit.http.edge.websockets.speaking import HungUp, Speaking
from kit.http.requests.head import check_target
from kit.problem_types import FORBIDDEN, FOREIGN_PAGE, INTERNAL

_SWITCHED = 101
_GOING_AWAY, _BROKEN = 1001, 1011
_CLOSE_SECONDS = 0.3
"""Time for a close to go out to a client that may not read, and for one that was told to hang up."""

_WITH_BODY = frozenset({b"content-length", b"transfer-encoding"})


def asks_for_websocket(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Say whether a request asks for a WebSocket, as the server below leaves it to the edge to see.

    Args:
        scope: of the request.
        headers: those that `read_head` notes.
    """
    return (
        headers[b"upgrade"].strip().lower() == b"websocket"
        and scope["method"] == "GET"
        and scope["http_version"] == "1.1"
        and _WITH_BODY.isdisjoint(headers)
    )


class WebSockets:
    """Leads WebSockets to an application.

    Args:
        app: what speaks with them; it finds `state["request_id"]`.
        streams: counts and ends them.
        log: takes one line for each at its end; None: no access log.
        origins: exact origins of pages that may open one, beside pages of the same host.
        hidden: paths where nothing is shown.
    """

    def __init__(
        self,
        app: ASGIApp,
        streams: LongAnswers,
        log: AccessLog | None,
        *,
        origins: Collection[str],
        hidden: Collection[str],
    ) -> None:
        self._app = app
        self._streams = streams
        self._log = log
        self._origins = frozenset(origin.encode() for origin in origins)
        self._hidden = hidden
        self._failures = structlog.get_logger("http")

    async def __call__(self, scope: Scope, send: Send, headers: Mapping[bytes, bytes]) -> None:
        """Answer a request for one, and lead it to its end.

        Args:
            scope: of the request.
            send: answers it.
            headers: those that `read_head` notes.
        """
        started = perf_counter()
        speech = Speaking(scope, send)
        channel = _Channel(speech, scope, self._streams)
        try:
            self._judge(scope, headers)
            speech.check()
            asked = self._app(speech.scope, speech.receive, channel)
            speaking: asyncio.Task[None] = asyncio.ensure_future(asked)
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
            await self._fail(error, scope["state"]["request_id"], channel)
        finally:
            await speech.ended(_CLOSE_SECONDS)
            if self._log is not None:
                route = scope["state"].get("route", WEBSOCKET)
                self._log.add(scope, route, channel.status or 499, channel.size, perf_counter() - started)

    def _judge(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Refuse what is refused of every request, and pages of other sites.

        Raises:
            Problem, HTTPException: it is refused.
        """
        check_target(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        if scope["path"] in self._hidden:
            raise HTTPException(404)
        origin = headers.get(b"origin")
        own = headers.get(b"host", b"").lower()
        if origin is not None and origin.partition(b"://")[2].lower() != own and origin not in self._origins:
            raise Problem(FOREIGN_PAGE)

    async def _fail(self, error: Exception, request_id: str, channel: "_Channel") -> None:
        if isinstance(error, (WebSocketDisconnect, HungUp)) or is_only(error, NotRead):
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

    def __init__(self, speech: Speaking, scope: Scope, streams: LongAnswers) -> None:
        self._speech = speech
        self._send = speech.send
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
        if kind == "websocket.http.response.start":
            self.status = message["status"]
        elif kind == "websocket.close":
            self._closed = True
            if not self.status:
                await respond(Problem(FORBIDDEN), self._scope["state"]["request_id"], self.refusing)
                return
        elif kind == "websocket.send":
            self.size += len(message.get("bytes") or message.get("text") or "")
        try:
            async with asyncio.timeout(self._streams.send_seconds):
                await self._send(message)
        except TimeoutError:
            self._closed = True  # nothing more goes out to it
            self._streams.cut(self._scope)
            raise NotRead from None
        finally:
            if self._speech.switched:
                self.status = _SWITCHED

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
