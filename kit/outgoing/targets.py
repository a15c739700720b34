"""Which addresses strangers may name: what is wrong with one is said where it is named, before it is kept."""

import re
from typing import NamedTuple

import httpx2

from kit.outgoing.public import Address, address_of, is_loopback, is_public

LONGEST = 2_000
"""Characters of an address."""

PORTS = frozenset({443, 8443})

_PLAIN = re.compile(r"[!-~]+")

_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
"""A last part of a host that old functions read as a number: 2130706433, 0177.1, 0x7f.1 are all 127.0.0.1."""

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


class NotAsked(ValueError):  # noqa: N818 - a state, and not an error of ours
    """An address must not be asked. Its text says why, in words for the one who named it."""


class Target(NamedTuple):
    """An address that may be asked, in the parts that the client uses."""

    scheme: bytes
    host: bytes
    """In the letters of host names."""
    port: int
    path: bytes
    """With its query."""


def target_of(url: str, *, loopback: bool = False) -> Target:
    """Take an address apart.

    Args:
        url: absolute.
        loopback: whether http, any port and this machine may be asked as well, for trying out.

    Raises:
        NotAsked: it must not be asked.
    """
    if len(url) > LONGEST or not _PLAIN.fullmatch(url):
        raise NotAsked(
            f"is an address of at most {LONGEST} characters, with anything unusual percent-encoded"
        )
    try:
        parts = httpx2.URL(url)
        target = Target(parts.raw_scheme, parts.raw_host, parts.port or 0, parts.raw_path)
    except (httpx2.InvalidURL, ValueError) as error:
        raise NotAsked("is no address") from error
    if target.scheme not in ({b"https", b"http"} if loopback else {b"https"}):
        raise NotAsked("begins with https://")
    if not target.host or parts.userinfo or parts.fragment:
        raise NotAsked("has a host, no user and no fragment")
    target = target._replace(port=target.port or (443 if target.scheme == b"https" else 80))
    if not loopback and target.port not in PORTS:
        raise NotAsked(f"has the port {' or '.join(map(str, sorted(PORTS)))}")
    host = target.host.decode("ascii")
    address = address_of(host)
    if address is not None:
        require_allowed(address, loopback=loopback)
    elif not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise NotAsked("has an address of four numbers, or a name")
    return target


def require_allowed(address: Address, *, loopback: bool = False) -> None:
    """Let an address of the network pass.

    Raises:
        NotAsked: it is not public, nor this machine's where that is allowed.
    """
    if not is_public(address) and not (loopback and is_loopback(address)):
        raise NotAsked("leads to no public address")
