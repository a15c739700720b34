"""The access log: one JSON line per request, gathered and written a few times a second, free of secrets."""

import asyncio
import re
from collections.abc import Collection, MutableMapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, BinaryIO

import msgspec

from kit.clock import now

_ENCODER = msgspec.json.Encoder()
_GATHER_SECONDS = 0.2
_GATHER_LINES = 512
_LOWEST = {"debug": 0, "info": 0, "warning": 400, "error": 500}
"""Level → lowest status that is logged."""

_METHOD = 20
"""Characters of a method that are logged."""

_PATH = 512
"""Bytes of a path that are logged."""

_SECRET = re.compile(r"(?:eyJ|fj[a-z]_)[\w.-]*")
"""What our own tokens begin with: somebody will put one into a path some day."""

_NAME = re.compile(r"[a-z_]{1,40}")
"""What a parameter of ours may be called; anything else could be what somebody typed."""

_MAIL = re.compile(r"[^/]*(?:@|%40)[^/]*")
"""A part of a path that could be an address of mail."""


class _Line(msgspec.Struct, omit_defaults=True, gc=False, tag_field="event", tag="request"):
    timestamp: datetime
    level: str
    request_id: str
    method: str
    path: str
    route: str
    status: int
    us: int
    """Microseconds."""
    bytes: int
    client: str
    """The network of its address: which of those in it, is nobody's business later."""
    query: str = ""
    account: str = ""


class AccessLog:
    """Writes what was asked and answered.

    Lines wait at most 0.2 s in memory; a killed process loses those.

    Args:
        stream: takes whole lines as bytes, such as `sys.stdout.buffer`.
        shown: query parameters whose values are logged, since they say nothing of a person: those who declare
            routes know them. All others are logged by name alone.
        level: info logs every request, warning those answered 400 and above, error those above 500.
    """

    def __init__(self, stream: BinaryIO, *, shown: Collection[str] = (), level: str = "info") -> None:
        self._stream = stream
        self._shown = frozenset(shown)
        self._lowest = _LOWEST.get(level.lower(), 0)
        self._lines: list[_Line] = []

    def add(
        self,
        scope: MutableMapping[str, Any],
        route: str,
        status: int,
        size: int,
        seconds: float,
    ) -> None:
        """Note one answered request.

        Args:
            scope: its ASGI scope; `state` holds the request id and, when known, the account.
            route: template of the route.
            status: HTTP status sent.
            size: bytes of body sent.
            seconds: how long it took.
        """
        if status < self._lowest:
            return
        state = scope["state"]
        client = state.get("address") or (scope.get("client") or ("",))[0]
        query = scope["query_string"]
        self._lines.append(
            _Line(
                now(),
                "info" if status < 500 else "error",  # noqa: PLR2004 - the server's own faults
                state["request_id"],
                scope["method"][:_METHOD],
                _shown_path((scope.get("raw_path") or scope["path"].encode())[:_PATH]),
                route,
                status,
                int(seconds * 1_000_000),
                size,
                _network(client),
                _shown_query(query, self._shown) if query else "",
                state.get("account", ""),
            )
        )
        waiting = len(self._lines)
        if waiting == 1:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self.flush)
        elif waiting >= _GATHER_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            with suppress(OSError):  # a full disk or a reader that went away must not fail a request
                self._stream.write(_ENCODER.encode_lines(lines))
                self._stream.flush()


@lru_cache(4_096)
def _network(address: str) -> str:
    """Return the network of an address: 256 of IPv4, a site of IPv6; empty for what is none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network((found, 48), strict=False))
        found = found.ipv4_mapped
    return str(ip_network((found, 24), strict=False))


def _printable(raw: bytes) -> str:
    """Return bytes as ASCII that no terminal obeys: some read the bytes above 127 as commands."""
    return raw.decode("ascii", "backslashreplace").replace("\x7f", "\\x7f")


@lru_cache(256)  # few paths are asked for often
def _shown_path(raw: bytes) -> str:
    """Return the path as it came, escapes and all, without anything like a token."""
    text = _printable(raw)
    if "@" in text or "%40" in text:
        text = _MAIL.sub("(address)", text)
    return _SECRET.sub("(token)", text) if "eyJ" in text or "fj" in text else text


def _shown_query(query: bytes, shown: Collection[str]) -> str:
    """Return the query with the values of some parameters only, and no name that is none of ours."""
    parts = [one.partition("=") for one in _printable(query[:512]).split("&")]
    some = (
        f"{name}={value if name in shown else ''}" if _NAME.fullmatch(name) else "(other)="
        for name, _, value in parts
    )
    return _SECRET.sub("(token)", "&".join(some))
