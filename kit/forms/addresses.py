"""Reads the addresses of servers: PostgreSQL, Redis, RabbitMQ, an HTTP API; each gets its one spelling.

Drivers take an address apart in ways of their own. Here it is taken apart once and put together again with
every part percent-encoded, so that all of them see the same user, password, host and database.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from kit.forms import Wrong

ENCODE = "a password with / ? # @ : or % in it is written in percent form, such as %2F for /"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|_[A-Za-z0-9._-]+")
_SIX = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_LARGEST = 65535

POSTGRES = "postgresql://user:password@host:5432/database"
_KNOWN = {
    "host", "port", "user", "password", "dbname", "passfile", "service", "sslmode", "sslcert", "sslkey",
    "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib", "application_name", "options",
}  # fmt: skip
"""Parameters that mean the same to both drivers."""

_OURS = {
    "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout",
}  # fmt: skip
"""What we set ourselves on each connection; an address need not say it, and one of the drivers refuses it."""

_SSL = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

REDIS = "redis://user:password@host:6379/0"
_REDIS = frozenset(
    {"db", "protocol", "health_check_interval", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile"}
)
_REDIS |= {"ssl_keyfile", "ssl_check_hostname"}

AMQP = "amqp://user:password@host:5672/virtual-host"
HTTP = "https://host:8000"


class AddressParts(NamedTuple):
    """An address, taken apart: nothing in it is percent-encoded any more."""

    scheme: str
    user: str | None
    password: str | None
    hosts: tuple[tuple[str, int | None], ...]
    path: str
    """As it was written, percent-encoded, without its first slash."""
    query: tuple[tuple[str, str], ...]


def postgres(text: str) -> str:
    """Read the address of a PostgreSQL; empty stays empty.

    Raises:
        Wrong: both drivers could not use it in the same way.
    """
    schemes = dict.fromkeys(
        (
            "postgresql",
            "postgres",
            "postgresql+asyncpg",
            "postgresql+psycopg",
            "postgresql+psycopg2",
            "pgsql",
        ),
        "postgresql",
    )
    parts = _taken(text, schemes, POSTGRES)
    if parts is None:
        return ""
    query = []
    for name, value in parts.query:
        if name in _OURS or (name == "channel_binding" and value in {"disable", "prefer"}):
            continue
        wanted = {"database": "dbname", "ssl": "sslmode"}.get(name, name)
        if wanted not in _KNOWN:
            raise Wrong(f"the parameter {name} is not one that can be used here: take it out")
        if wanted == "sslmode" and value not in _SSL:
            raise Wrong(f"sslmode is one of {', '.join(sorted(_SSL))}")
        if wanted == "port":
            for one in value.split(","):
                _port(one)
        query.append((wanted, value))
    database = _decoded(parts.path.rstrip("/"))
    return _put_together(parts._replace(path=quote(database, safe=""), query=tuple(query)))


def redis(text: str) -> str:
    """Read the address of a Redis or Valkey; empty stays empty.

    Raises:
        Wrong: it is none.
    """
    schemes = {
        "redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix",
    }  # fmt: skip
    parts = _taken(text, schemes, REDIS)
    if parts is None:
        return ""
    for name, value in parts.query:
        if name not in _REDIS:
            raise Wrong(f"the parameter {name} is not one that can be used here: take it out")
        if name in {"db", "protocol"} and not value.isdecimal():
            raise Wrong(f"{name} is a number")
    if parts.scheme == "unix":
        if not parts.path:
            raise Wrong("the path of the socket is missing: unix:///path/of/the/socket")
        return _put_together(parts)
    number = parts.path.rstrip("/")
    if number and not number.isdecimal():
        raise Wrong(f"the database behind the last slash is a number: {REDIS}")
    return _put_together(parts._replace(path=number))


def amqp(text: str) -> str:
    """Read the address of a RabbitMQ; empty stays empty, and an address without a virtual host means "/".

    Raises:
        Wrong: it is none.
    """
    parts = _taken(text, {"amqp": "amqp", "amqps": "amqps"}, AMQP)
    if parts is None:
        return ""
    for name, value in parts.query:
        if name != "heartbeat":
            raise Wrong(
                f"the parameter {name} is not one that can be used here: take it out"
                " (SSL_CERT_FILE names certificates that are to be trusted)"
            )
        if not value.isdecimal():
            raise Wrong("heartbeat is a number of seconds")
    vhost = _decoded(parts.path) or "/"
    return _put_together(parts._replace(path=quote(vhost, safe="")))


def http(text: str) -> str:
    """Read the address of an HTTP API, without a slash at its end; empty stays empty.

    Raises:
        Wrong: it is none, or holds a user or a query.
    """
    parts = _taken(text, {"http": "http", "https": "https"}, HTTP)
    if parts is None:
        return ""
    if parts.user is not None or parts.query or len(parts.hosts) != 1 or not parts.hosts[0][0]:
        raise Wrong(f"the address of an API is a host, and at most a port and a path: {HTTP}")
    return _put_together(parts._replace(path=parts.path.rstrip("/")))


def place(address: str) -> str:
    """Return host and port, or the socket, of an address that was read: what may be shown of it."""
    parts = _taken(address, {}, "")
    if parts is None:
        return ""
    given = dict(parts.query)
    default = {"postgresql": 5432, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
    if parts.scheme == "unix":
        return f"/{parts.path}"
    if not any(host for host, _ in parts.hosts) and "host" in given:
        return given["host"]
    shown = (
        f"{f'[{host}]' if ':' in host else host or 'localhost'}:{port or default.get(parts.scheme, 0)}"
        for host, port in parts.hosts
    )
    return ",".join(shown)


def _taken(text: str, schemes: Mapping[str, str], example: str) -> AddressParts | None:
    """Take an address apart; None when there is none. Without schemes, any is good."""
    text = text.strip()
    if not text:
        return None
    scheme, mark, rest = text.partition("://")
    name = schemes.get(scheme.lower(), "" if schemes else scheme)
    if not mark or not name:
        raise Wrong(f"an address looks like {example}")
    if re.search(r"[\s\x00-\x1f\x7f]", rest):
        raise Wrong(f"there is a space in it; an address looks like {example}")
    authority, path, query = _three(rest)
    login, at, hosts = authority.rpartition("@")
    user, colon, password = login.partition(":")
    return AddressParts(
        name,
        _decoded(user) if at else None,
        _decoded(password) if colon else None,
        tuple(_host(one) for one in hosts.split(",")),
        path,
        tuple((key, value) for key, value in parse_qsl(query, keep_blank_values=True)),
    )


def _three(rest: str) -> tuple[str, str, str]:
    """Return authority, path and query. A sign of the password that was left as it is shows here."""
    end = min((at for at in (rest.find(sign) for sign in "/?#") if at >= 0), default=len(rest))
    authority, behind = rest[:end], rest[end:]
    path, _, query = behind.partition("?")
    if "@" in behind or "#" in behind:
        raise Wrong(ENCODE)
    return authority, path[1:], query


def _host(text: str) -> tuple[str, int | None]:
    six = _SIX.match(text)
    name, colon, port = (six[1], *text[six.end() :].partition(":")[1:]) if six else text.partition(":")
    if six and text[six.end() :].partition(":")[0]:
        raise Wrong(f"the host cannot be read: {ENCODE}")
    name = _decoded(name)
    if name and not six and not name.startswith("/") and _NAME.fullmatch(name) is None:
        raise Wrong(f"the host is not a name or an address of a machine: {ENCODE}")
    if not colon or not port:
        return name if name.startswith("/") else name.lower(), None
    return name.lower(), _port(port)


def _port(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:6]) <= _LARGEST:
        raise Wrong(f"the port is not a number from 1 to {_LARGEST}; {ENCODE}")
    return int(text)


def _decoded(text: str) -> str:
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Wrong("percent forms in it are not UTF-8") from None
    if "\0" in plain:
        raise Wrong("there is a NUL in it")
    return plain


def _put_together(parts: AddressParts) -> str:
    login = "" if parts.user is None else quote(parts.user, safe="")
    if parts.password is not None:
        login += ":" + quote(parts.password, safe="")
    at = "" if parts.user is None else "@"
    hosts = ",".join(_written(host, port) for host, port in parts.hosts)
    path = f"/{parts.path}" if parts.path else ""
    query = urlencode(parts.query, quote_via=quote, safe="/")
    return f"{parts.scheme}://{login}{at}{hosts}{path}{'?' if query else ''}{query}"


def _written(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else quote(host, safe="")
    return name if port is None else f"{name}:{port}"
