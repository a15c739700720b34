"""The cookies of browsers that are ours: how they are named, read, set and taken away."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class CookieName(NamedTuple):
    """What a cookie is called."""

    safe: str
    """Browsers take a cookie of such a name only over TLS, for one host and all of its paths."""
    loopback: str
    """The same on a machine of one's own without TLS, where no browser takes the other one."""


SESSION = CookieName("__Host-frankenjet-session", "frankenjet-session")
"""Of a session: it says who sends a request."""

ATTEMPT = CookieName("__Host-frankenjet-attempt", "frankenjet-attempt")
"""Of a browser that began to sign in: it says that the same one goes on with it, and not who it is."""

LIFE_SECONDS = 30 * 24 * 3600
"""Seconds that a browser keeps it; its session may end much earlier."""

_NAMES = tuple(name.encode() for name in SESSION)
_SECRET = re.compile(r"fjs_[A-Za-z0-9_-]{43}")
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


def is_ours(cookie: bytes) -> bool:
    """Say whether a Cookie header, several lines joined, carries the cookie of a session."""
    return _NAMES[1] in cookie and any(
        one.strip(b" \t").partition(b"=")[0] in _NAMES for one in cookie.replace(b",", b";").split(b";")
    )


def is_loopback(host: str) -> bool:
    """Say whether a Host header, or what follows the scheme of an origin, names the machine itself."""
    return _LOOPBACK.fullmatch(host) is not None


def session_secret(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the secret that the cookie of a session holds; None: there is none, or not exactly one.

    Args:
        headers: names in lower case, values undecoded, as ASGI gives them.
    """
    secret = cookie_of(headers, SESSION) or ""
    return secret if _SECRET.fullmatch(secret) else None


def cookie_of(headers: Iterable[tuple[bytes, bytes]], name: CookieName) -> str | None:
    """Return what a cookie of ours holds; None: there is none, or not exactly one.

    Args:
        headers: names in lower case, values undecoded, as ASGI gives them.
        name: of the cookie.
    """
    host, found, part = "", [], name.loopback.encode()
    for one, value in headers:
        if one == b"cookie" and part in value:
            found += [each.strip(" \t").partition("=") for each in value.decode("latin-1").split(";")]
        elif one == b"host":
            host = value.decode("latin-1")
    if not found:
        return None
    names = set(name) if is_loopback(host) else {name.safe}
    values = {value for one, _, value in found if one in names}
    return values.pop() if len(values) == 1 else None


def set_cookie(secret: str, host: str, seconds: int = LIFE_SECONDS, name: CookieName = SESSION) -> str:
    """Return the Set-Cookie of a session; scripts cannot read it, and other sites' pages do not send it.

    Args:
        secret: of the session.
        host: Host of the request.
        seconds: how long it is kept; 0 takes it away.
        name: of the cookie.
    """
    loopback = is_loopback(host)
    called, secure = (name.loopback, "") if loopback else (name.safe, "; Secure")
    return f"{called}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def no_cookie(host: str) -> str:
    """Return the Set-Cookie that takes the cookie of a session away."""
    return set_cookie("", host, 0)
