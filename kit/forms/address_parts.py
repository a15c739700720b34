"""An address of a server, taken apart once and put together again with every part percent-encoded."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from kit.forms import Wrong

ENCODE = "a password with / ? # @ : or % in it is written in percent form, such as %2F for /"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|_[A-Za-z0-9._-]+")
_SIX = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_LARGEST = 65535


class AddressParts(NamedTuple):
    """An address, taken apart: nothing in it is percent-encoded any more."""

    scheme: str
    user: str | None
    password: str | None
    hosts: tuple[tuple[str, int | None], ...]
    path: str
    """As it was written, percent-encoded, without its first slash."""
    query: tuple[tuple[str, str], ...]


def taken(text: str, schemes: Mapping[str, str], example: str) -> AddressParts | None:
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
        decoded(user) if at else None,
        decoded(password) if colon else None,
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
    name = decoded(name)
    if name and not six and not name.startswith("/") and _NAME.fullmatch(name) is None:
        raise Wrong(f"the host is not a name or an address of a machine: {ENCODE}")
    if not colon or not port:
        return name if name.startswith("/") else name.lower(), None
    return name.lower(), port_number(port)


def port_number(text: str) -> int:
    """Return a port; raises Wrong when it is none."""
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:6]) <= _LARGEST:
        raise Wrong(f"the port is not a number from 1 to {_LARGEST}; {ENCODE}")
    return int(text)


def decoded(text: str) -> str:
    """Return a part without percent forms; raises Wrong when that is no text."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Wrong("percent forms in it are not UTF-8") from None
    if "\0" in plain:
        raise Wrong("there is a NUL in it")
    return plain


def put_together(parts: AddressParts) -> str:
    """Return an address in its one spelling."""
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
