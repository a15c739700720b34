"""Who counts as one client, where what one may take is bounded."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

type Network = IPv4Network | IPv6Network

_FORWARDED, _X_FORWARDED_FOR = b"forwarded", b"x-forwarded-for"

NETWORK = 64
"""Bits of an IPv6 address that name a network. Who has one of its addresses usually has all of them."""

MOST_HOPS = 32
"""Addresses of one request that are looked at, from the last one on."""

SHORT = 200
"""Bytes of headers that need not be read again: they take little memory."""


@lru_cache(4_096)
def client_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the network of an IPv6 one.

    Args:
        address: as the system tells it; what is no address stays as it is.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, NETWORK), strict=False))


def address_of(scope: Scope) -> str:
    """Return who counts as the client of a request: the one that a trusted proxy names, or who sent it."""
    told: str | None = scope.get("state", {}).get("address")
    return client_of(told if told is not None else (scope.get("client") or ("",))[0])


class TrustedProxies:
    """Believes what proxies of these networks say of who sent them a request, and nobody else.

    Each proxy appends from whom it got the request, so the last address that is not a proxy's is that of the
    client; what stands before it, the client may have made up. A proxy that writes one of the two headers
    lets through what a client wrote into the other one: where they disagree, neither is believed.

    Args:
        networks: of the proxies.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._remembered = lru_cache(4_096)(self._find)

    def client(self, scope: Scope) -> str:
        """Return the address of the client of a request."""
        peer: str = (scope.get("client") or ("",))[0]
        forwarded: list[bytes] = []
        listed: list[bytes] = []
        for name, value in scope["headers"]:
            if name == _X_FORWARDED_FOR:
                listed.append(value)
            elif name == _FORWARDED:
                forwarded.append(value)
        if not listed and not forwarded:
            return peer
        both = b",".join(listed), b",".join(forwarded)
        return (self._remembered if sum(map(len, both)) <= SHORT else self._find)(peer, *both)

    def trusts(self, address: str) -> bool:
        """Say whether an address is a proxy's."""
        found = _read(address)
        return found is not None and any(found in network for network in self._networks)

    def _find(self, peer: str, listed: bytes, forwarded: bytes) -> str:
        if not self.trusts(peer):
            return peer
        said = {
            self._last(peer, hops)
            for hops in (_split(listed), _for_of(forwarded))
            if hops
        }  # fmt: skip
        return said.pop() if len(said) == 1 else peer

    def _last(self, peer: str, hops: Sequence[str]) -> str:
        """Return the last address that is not a proxy's; the first proxy's, where none is readable."""
        last = peer
        for hop in hops[: -MOST_HOPS - 1 : -1]:
            address = _read(hop)
            if address is None:
                break
            last = str(address)
            if not self.trusts(last):
                break
        return last


def _split(text: bytes) -> list[str]:
    return [one.strip() for one in text.decode("latin-1").split(",")] if text else []


def _for_of(text: bytes) -> list[str]:
    """Return the `for` of each element of Forwarded (RFC 7239); "" where one has none that is readable."""
    return [_for(element.split(";")) for element in _split(text)]


def _for(pairs: Iterable[str]) -> str:
    for pair in pairs:
        name, _, value = pair.strip().partition("=")
        if name.lower() == "for":
            return value.strip().strip('"')
    return ""


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with or without a port; None: it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
