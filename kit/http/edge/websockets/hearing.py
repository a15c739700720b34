"""What comes in on a WebSocket: frames made into messages, bounded in size, number and speed."""

import asyncio
from typing import Any

from starlette.types import Message
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

MAX_MESSAGE = 64 * 1024
"""Bytes of a message, whatever its parts."""

MAX_FRAMES, FRAMES_SECONDS = 200, 10.0
"""Frames that may come within so many seconds, pings included."""

_PIECE = 1024
"""Bytes that are made into frames before they are counted: the least of a client has six."""

_NOT_TEXT, _TOO_MANY = 1007, 1008


class Hearing:
    """Makes messages, as ASGI has them, of the frames of one WebSocket.

    Args:
        frames: reads them, and closes the WebSocket of a client that sends what it may not.
    """

    def __init__(self, frames: ServerProtocol) -> None:
        self.messages: list[Message] = []
        """That nobody has taken yet."""
        self._frames = frames
        self._kind = Opcode.TEXT
        self._parts: list[bytes] = []
        self._counted = 0
        self._since = 0.0

    def hear(self, data: bytes) -> None:
        """Take bytes as they came; those after what a client may not send are thrown away."""
        for at in range(0, len(data), _PIECE):
            self._frames.receive_data(data[at : at + _PIECE])
            for frame in self._frames.events_received():
                if isinstance(frame, Frame) and not self._hear(frame):
                    return

    def _hear(self, frame: Frame) -> bool:
        """Take a frame; say whether more may come."""
        if self._is_too_much():
            self._frames.fail(_TOO_MANY, "Too much at once.")
            return False
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY}:
            self._kind = frame.opcode
        elif frame.opcode is not Opcode.CONT:
            return True
        self._parts.append(bytes(frame.data))
        if frame.fin:
            raw, self._parts = b"".join(self._parts), []
            try:
                said: dict[str, Any] = {"text": raw.decode()} if self._kind is Opcode.TEXT else {"bytes": raw}
            except UnicodeDecodeError:
                self._frames.fail(_NOT_TEXT)
                return False
            self.messages.append({"type": "websocket.receive", **said})
        return True

    def _is_too_much(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._since > FRAMES_SECONDS:
            self._counted, self._since = 0, now
        self._counted += 1
        return self._counted > MAX_FRAMES
