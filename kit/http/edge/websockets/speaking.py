"""A WebSocket whose frames are read and written here, on a connection that the server below has let go of.

The server would read each by a buffer of 128 KiB, and messages of 64 MiB (record 54).
"""

import asyncio
import logging
from contextlib import suppress
from typing import cast

from starlette.types import Message, Scope, Send
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol

from kit.errors import Problem
from kit.http.edge.connections import ends_of
from kit.http.edge.websockets.hearing import MAX_MESSAGE, Hearing
from kit.http.edge.websockets.taking import OpenFile, OpenFiles
from kit.http.edge.whole import common_headers
from kit.problem_types import BAD_REQUEST

LINGER_SECONDS = 1.0
"""Time for a client to hang up after the end; then it is cut."""

_UNSENT = 64 * 1024
"""Bytes that wait for a client that does not read, before who sends has to wait as well."""

_NORMAL, _GONE = 1000, 1006

_QUIET = logging.getLogger("kit.http.websockets")
_QUIET.setLevel(logging.ERROR)
"""What a client does wrong is no news of ours."""

_SWITCHED = 101

_files = OpenFiles()
"""Of this process."""


class HungUp(OSError):  # noqa: N818 - it says what is so
    """The connection has ended; as ASGI says it."""


class Speaking(asyncio.Protocol):
    """One WebSocket: the two channels of ASGI, and what moves on its connection.

    Args:
        scope: of the request for it.
        send: answers that request.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._frames = ServerProtocol(state=State.OPEN, max_size=MAX_MESSAGE, logger=_QUIET)
        self._handshake: list[tuple[bytes, bytes]] = []
        self._request = scope
        self._answer = send
        self._met = False
        self.switched = False
        """101 has been answered, and nothing else can be."""
        self._transport: asyncio.Transport | None = None
        self._connection: OpenFile | None = None
        self._heard = Hearing(self._frames)
        self._waiting: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._lost = asyncio.get_running_loop().create_future()
        self._cutting: asyncio.TimerHandle | None = None

    def check(self) -> None:
        """See whether the request is one for a WebSocket as RFC 6455 has it, and which connection it is on.

        Raises:
            Problem: 400, it is none.
        """
        given = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self._request["headers"]
        ]
        answer = self._frames.accept(Request(self._request["path"], Headers(given)))
        if answer.status_code != _SWITCHED:
            version = {"Sec-WebSocket-Version": "13"}
            raise Problem(BAD_REQUEST, "This is no request for a WebSocket of version 13.", headers=version)
        self._handshake = [
            (name.lower().encode(), text.encode()) for name, text in answer.headers.raw_items()
        ]
        # Now, and not when the application accepts it: its client may be another by then, from the same port.
        self._connection = _files.find(ends_of(self._request["client"], self._request["server"]))

    @property
    def scope(self) -> Scope:
        """As ASGI describes it to an application."""
        scheme = "wss" if self._request["scheme"] == "https" else "ws"
        told = {key: value for key, value in self._request.items() if key != "method"}
        more = {"subprotocols": [], "extensions": {"websocket.http.response": {}}}
        return {**told, "type": "websocket", "scheme": scheme, **more}

    async def receive(self) -> Message:
        """Return what comes next: that it is asked for, messages, that it has ended."""
        if not self._met:
            self._met = True
            return {"type": "websocket.connect"}
        while not self._heard.messages:
            if self._has_ended:
                return {"type": "websocket.disconnect", "code": self._frames.close_code or _GONE}
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        message = self._heard.messages.pop(0)
        if not self._heard.messages and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        return message

    async def send(self, message: Message) -> None:
        """Do what an application says.

        Raises:
            HungUp: the connection has ended.
        """
        kind = message["type"]
        if kind == "websocket.accept":
            await self._accept()
        elif kind == "websocket.send":
            if self._has_ended:
                raise HungUp
            text = message.get("text")
            if text is None:
                self._frames.send_binary(message["bytes"])
            else:
                self._frames.send_text(text.encode())
            self._pass_on()
            await self._until_there_is_room()
        elif kind == "websocket.close":
            if self._frames.state is State.OPEN and self._transport is not None:
                self._frames.send_close(message.get("code", _NORMAL), message.get("reason") or "")
                self._pass_on()
        else:
            await self._refuse(message)

    async def ended(self, seconds: float) -> None:
        """Wait for the client to hang up; cut it after the time, or at once if it was not told of an end."""
        if self._transport is None:
            return
        if self._frames.state is State.OPEN:
            self._transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.shield(self._lost)

    async def _accept(self) -> None:
        found = self._connection.take() if self._connection is not None else None
        if found is None:
            raise HungUp
        try:
            headers = [*self._handshake, *self._common]
            self.switched = True
            await self._answer({"type": "http.response.start", "status": _SWITCHED, "headers": headers})
            await self._answer({"type": "http.response.body", "body": b""})
            await found.alone()
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(lambda: self, found.copy)
        except BaseException:
            found.copy.close()
            raise

    async def _refuse(self, message: Message) -> None:
        """Send a part of an answer in place of the connection."""
        told = {**message, "type": message["type"].removeprefix("websocket.")}
        if "status" in told:
            told["headers"] = [*told["headers"], *self._common]
        await self._answer(told)

    @property
    def _common(self) -> list[tuple[bytes, bytes]]:
        """Headers of every answer."""
        request_id = self._request["state"]["request_id"].encode()
        return [*common_headers(self._request, has_policy=False), (b"x-request-id", request_id)]

    @property
    def _has_ended(self) -> bool:
        return self._frames.state is not State.OPEN or self._lost.done()

    def _pass_on(self) -> None:
        """Write what is to be written, and see to it that the connection ends when nothing comes after it."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        for piece in self._frames.data_to_send():
            if piece != SEND_EOF:
                transport.write(piece)
            elif transport.can_write_eof():
                transport.write_eof()
        if self._frames.close_expected() and self._cutting is None:
            self._cutting = asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.abort)

    async def _until_there_is_room(self) -> None:
        if self._room is not None:
            await asyncio.shield(self._room)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(_UNSENT)

    def data_received(self, data: bytes) -> None:
        self._heard.hear(data)
        self._pass_on()
        if self._heard.messages and self._transport is not None and not self._has_ended:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._frames.receive_eof()
        self._pass_on()
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever the reason
        if self._cutting is not None:
            self._cutting.cancel()
        self._lost.set_result(None)
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None
