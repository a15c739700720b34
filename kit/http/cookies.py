"""The cookie of a browser's session: how it is named, read, set and taken away. No other is ours."""

import re
from collections.abc import Iterable

SESSION = "__Host-frankenjet-session"
"""Browsers take a cookie of such a name only over TLS, for one host and all of its paths."""

LOOPBACK_SESSION = "frankenjet-session"
"""The same on a machine of one's own without TLS, where no browser takes the other one."""

LIFE_SECONDS = 30 * 24 * 3600
"""Seconds that a browser keeps it; its session may end much earlier."""

_NAMES = (SESSION.encode(), LOOPBACK_SESSION.encode())
_SECRET = re.compile(r"fjs_[A-Za-z0-9_-]{43}")
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


def is_ours(cookie: bytes) -> bool:
    """Say whether a Cookie header, several lines joined, carries a cookie of ours."""
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
    host, found = "", []
    for name, value in headers:
        if name == b"cookie" and _NAMES[1] in value:
            found += [one.strip(" \t").partition("=") for one in value.decode("latin-1").split(";")]
        elif name == b"host":
            host = value.decode("latin-1")
    if not found:
        return None
    names = {SESSION, LOOPBACK_SESSION} if is_loopback(host) else {SESSION}
    secrets = {value for name, _, value in found if name in names}
    secret = secrets.pop() if len(secrets) == 1 else ""
    return secret if _SECRET.fullmatch(secret) else None


def set_cookie(secret: str, host: str, seconds: int = LIFE_SECONDS) -> str:
    """Return the Set-Cookie of a session; scripts cannot read it, and other sites' pages do not send it.

    Args:
        secret: of the session.
        host: Host of the request.
        seconds: how long it is kept; 0 takes it away.
    """
    name = LOOPBACK_SESSION if is_loopback(host) else SESSION
    secure = "; Secure" if name == SESSION else ""
    return f"{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def no_cookie(host: str) -> str:
    """Return the Set-Cookie that takes the cookie of a session away."""
    return set_cookie("", host, 0)
