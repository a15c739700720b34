"""Reads the addresses of servers: PostgreSQL, Redis, RabbitMQ, an HTTP API; each gets its one spelling.

Drivers take an address apart in ways of their own. Here it is taken apart once and put together again with
every part percent-encoded, so that all of them see the same user, password, host and database.
"""

from urllib.parse import quote

from kit.forms import Wrong
from kit.forms.address_parts import decoded, port_number, put_together, taken

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
SMTP = "smtp://user:password@host:587"


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
    parts = taken(text, schemes, POSTGRES)
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
                port_number(one)
        query.append((wanted, value))
    database = decoded(parts.path.rstrip("/"))
    return put_together(parts._replace(path=quote(database, safe=""), query=tuple(query)))


def redis(text: str) -> str:
    """Read the address of a Redis or Valkey; empty stays empty.

    Raises:
        Wrong: it is none.
    """
    schemes = {
        "redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix",
    }  # fmt: skip
    parts = taken(text, schemes, REDIS)
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
        return put_together(parts)
    number = parts.path.rstrip("/")
    if number and not number.isdecimal():
        raise Wrong(f"the database behind the last slash is a number: {REDIS}")
    return put_together(parts._replace(path=number))


def amqp(text: str) -> str:
    """Read the address of a RabbitMQ; empty stays empty, and an address without a virtual host means "/".

    Raises:
        Wrong: it is none.
    """
    parts = taken(text, {"amqp": "amqp", "amqps": "amqps"}, AMQP)
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
    vhost = decoded(parts.path) or "/"
    return put_together(parts._replace(path=quote(vhost, safe="")))


def http(text: str) -> str:
    """Read the address of an HTTP API, without a slash at its end; empty stays empty.

    Raises:
        Wrong: it is none, or holds a user or a query.
    """
    parts = taken(text, {"http": "http", "https": "https"}, HTTP)
    if parts is None:
        return ""
    if parts.user is not None or parts.query or len(parts.hosts) != 1 or not parts.hosts[0][0]:
        raise Wrong(f"the address of an API is a host, and at most a port and a path: {HTTP}")
    return put_together(parts._replace(path=parts.path.rstrip("/")))


def smtp(text: str) -> str:
    """Read the address of a mail server; empty stays empty.

    Raises:
        Wrong: it is none, or holds a path or a query.
    """
    parts = taken(text, {"smtp": "smtp", "smtps": "smtps"}, SMTP)
    if parts is None:
        return ""
    if parts.path or parts.query or len(parts.hosts) != 1 or not parts.hosts[0][0]:
        raise Wrong(f"the address of a mail server is a host, and at most a port and a login: {SMTP}")
    return put_together(parts)


def place(address: str) -> str:
    """Return host and port, or the socket, of an address that was read: what may be shown of it."""
    parts = taken(address, {}, "")
    if parts is None:
        return ""
    given = dict(parts.query)
    default = {
        "postgresql": 5432,
        "redis": 6379,
        "rediss": 6379,
        "amqp": 5672,
        "amqps": 5671,
        "smtp": 25,
        "smtps": 465,
    }
    if parts.scheme == "unix":
        return f"/{parts.path}"
    if not any(host for host, _ in parts.hosts) and "host" in given:
        return given["host"]
    shown = (
        f"{f'[{host}]' if ':' in host else host or 'localhost'}:{port or default.get(parts.scheme, 0)}"
        for host, port in parts.hosts
    )
    return ",".join(shown)
