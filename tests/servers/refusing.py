"""A server that speaks enough of PostgreSQL's protocol to turn somebody away, or to be an old one."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def turned_away(code: str) -> bytes:
    """Return what a server says that does not let somebody in, under one of PostgreSQL's codes."""
    return _message(b"E", b"SFATAL\0VFATAL\0C" + code.encode() + b"\0Mno\0\0")


def of_version(version: str) -> bytes:
    """Return what a server of this version says to somebody whom it lets in."""
    told = _message(b"S", b"server_version\0" + version.encode() + b"\0")
    told += _message(b"S", b"client_encoding\0UTF8\0")
    return _message(b"R", struct.pack("!i", 0)) + told + _message(b"Z", b"I")


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Yield the port of a server that gives everybody this answer."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_serve, args=(door, answer), daemon=True).start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, answer: bytes) -> None:
    with suppress(OSError):  # the end of the test
        while True:
            line, _ = door.accept()
            with line, suppress(OSError, struct.error):
                while (code := _asked(line)) in {SSL_REQUEST, GSS_REQUEST}:
                    line.sendall(b"N")
                if code:
                    line.sendall(answer)
                    line.settimeout(2)
                    line.recv(4096)


def _asked(line: socket.socket) -> int:
    """Read one opening message; return its code."""
    length, code = struct.unpack("!ii", line.recv(8, socket.MSG_WAITALL))
    if length > 8:
        line.recv(length - 8, socket.MSG_WAITALL)
    return int(code)


FULL_DISK = """
create function log.full_disk() returns trigger language plpgsql as
$$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
create trigger full_disk before insert on log.event for each row execute function log.full_disk()"""
"""Lets PostgreSQL say to a writer what it says when its disk is full."""
