"""Where a broker is and who we are to it, read from an amqp:// or amqps:// URL."""

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"amqp": 5672, "amqps": 5671}


class Address(NamedTuple):
    """The parts of a broker's URL. Its text form never shows the password."""

    host: str
    port: int
    user: str
    password: str
    vhost: str
    tls: bool
    heartbeat: int
    """Seconds between signs of life, both ways; 0: none."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}{'' if self.vhost == '/' else f' ({self.vhost})'}"

    def __repr__(self) -> str:
        return str(self)


HEARTBEAT_SECONDS = 4
"""RabbitMQ ends a connection that says nothing for two to three of them: so long may one who is cut off keep
the next one from sending."""


def parse(url: str, *, heartbeat: int = HEARTBEAT_SECONDS) -> Address:
    """Read a URL; what it leaves out is guest, localhost, the standard port and the virtual host "/".

    Args:
        url: amqp[s]://user:password@host:port/vhost?heartbeat=seconds, parts percent-encoded.
        heartbeat: seconds, when the URL does not say.

    Raises:
        ValueError: for another scheme, a port or a heartbeat that is not a number; never quotes the URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        given = parse_qs(parts.query).get("heartbeat")
        beat = int(given[-1]) if given else heartbeat
    except ValueError:
        raise ValueError("the broker's URL has a port or a heartbeat that is not a number") from None
    if parts.scheme not in PORTS:
        raise ValueError("the broker's URL does not begin with amqp:// or amqps://")
    return Address(
        host=parts.hostname or "localhost",
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        vhost=unquote(parts.path[1:]) or "/",
        tls=parts.scheme == "amqps",
        heartbeat=max(0, beat),
    )
