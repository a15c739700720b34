"""Who counts as one client, where what one may take is bounded."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address

NETWORK = 64
"""Bits of an IPv6 address that name a network. Whoever has one of its addresses usually has all of them."""


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
