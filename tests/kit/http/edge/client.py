"""A client of lasting connections over a plain socket, which may send whatever it likes."""

import base64
import os
import socket
import struct

from tests.kit.http.conftest import Server

MASK = b"mask"


def framed(first: int, raw: bytes, *, said: int | None = None) -> bytes:
    """Return a frame of a client: its first byte, and what it holds; `said`: the length that it claims."""
    size = len(raw) if said is None else said
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = bytes([0xFE]) + size.to_bytes(2) if size < 65_536 else bytes([0xFF]) + size.to_bytes(8)
    return bytes([first]) + length + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(raw))


def cut(one: socket.socket) -> None:
    """End a connection by a reset."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


clients: list["Client"] = []
"""Of the test that runs."""


class Client:
    """One connection, with as much of WebSocket as these tests need."""

    def __init__(self, server: Server, path: str, *headers: str, websocket: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), 8)
        key = base64.b64encode(os.urandom(16)).decode()
        clients.append(self)
        host = () if any("Host" in one for one in headers) else ("Host: test",)
        lines = [f"GET {path} HTTP/1.1", *host, *headers]
        if websocket:
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
            lines.append(f"Sec-WebSocket-Key: {key}")
        self.socket.sendall("\r\n".join([*lines, "\r\n"]).encode())
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            self.head += byte
        self.status = int(self.head[9:12] or b"0")

    def say(self, text: str) -> None:
        self.socket.sendall(framed(0x81, text.encode()))

    def hear(self) -> tuple[int, bytes]:
        """Return the kind of a short frame, and what it says."""
        kind, size = self._exactly(2)
        return kind & 0x0F, self._exactly(size)

    def rest(self) -> bytes:
        came = b""
        while piece := self.socket.recv(65_536):
            came += piece
        return came

    def _exactly(self, size: int) -> bytes:
        came = b""
        while len(came) < size:
            piece = self.socket.recv(size - len(came))
            assert piece, "it ended"
            came += piece
        return came
