"""Which addresses of the network are everybody's: a request that a stranger asks for may go to no others.

`ipaddress.is_global` is not enough: it takes multicast, some translated and some retired ranges for global,
and differs between versions of Python.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

type Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a provider; some clouds tell secrets there
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own server for its machines
        "169.254.0.0/16",  # link-local, and where clouds tell secrets
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""https://www.iana.org/assignments/iana-ipv4-special-registry, without what is reachable for everybody."""

_GLOBAL_6 = IPv6Network("2000::/3")
"""All that is given out so far. Loopback, unique-local, link-local, site-local, multicast, IPv4-compatible
and the translation of a provider's own lie outside."""

_NOT_PUBLIC_6 = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocols, Teredo among them, which holds an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds one too
        "3fff::/20",
    )
)
"""https://www.iana.org/assignments/iana-ipv6-special-registry, what of it lies within."""

_HOLD_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""Mapped, and NAT64 as RFC 6052 has it for everybody: they lead to the IPv4 address in their last 32 bits."""


def is_public(address: Address) -> bool:
    """Tell whether an address is everybody's."""
    address = _led_to(address)
    if isinstance(address, IPv4Address):
        return not any(address in one for one in _NOT_PUBLIC_4)
    return (
        address.scope_id is None and address in _GLOBAL_6 and not any(address in one for one in _NOT_PUBLIC_6)
    )


def is_loopback(address: Address) -> bool:
    """Tell whether an address is this machine's own."""
    return _led_to(address).is_loopback


def address_of(text: str) -> Address | None:
    """Return the address that a text is, as it is usually written; None: it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _led_to(address: Address) -> Address:
    if isinstance(address, IPv6Address) and any(address in one for one in _HOLD_4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
