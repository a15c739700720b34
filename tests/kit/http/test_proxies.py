"""Whom a request is from, when it came through proxies: nobody talks himself into another address."""

from ipaddress import ip_network
from typing import Any

import pytest

from kit.http.addresses import TrustedProxies, address_of

PROXIES = TrustedProxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])

CASES = [
    # who sent it, X-Forwarded-For, Forwarded → whose it is
    ("10.0.0.1", ["192.0.2.7"], [], "192.0.2.7"),
    ("10.0.0.1", ["6.6.6.6, 192.0.2.7"], [], "192.0.2.7"),
    ("10.0.0.1", ["6.6.6.6", "192.0.2.7, 10.0.0.2"], [], "192.0.2.7"),
    ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], [], "10.0.0.3"),
    ("10.0.0.1", ["192.0.2.7:4711"], [], "192.0.2.7"),
    ("10.0.0.1", ["[2001:db8::1]:4711"], [], "2001:db8::1"),
    ("10.0.0.1", ["::ffff:192.0.2.7"], [], "192.0.2.7"),
    ("::ffff:10.0.0.1", ["192.0.2.7"], [], "192.0.2.7"),
    ("fd00::1", [], ["for=192.0.2.7;proto=https"], "192.0.2.7"),
    ("fd00::1", [], ['for=6.6.6.6, proto=https;For="[2001:db8::1]:4711"'], "2001:db8::1"),
    ("10.0.0.1", ["192.0.2.7"], ["for=192.0.2.7"], "192.0.2.7"),
    # one of the two was made up
    ("10.0.0.1", ["192.0.2.7"], ["for=6.6.6.6"], "10.0.0.1"),
    # nothing readable
    ("10.0.0.1", [], [], "10.0.0.1"),
    ("10.0.0.1", ["unknown"], [], "10.0.0.1"),
    ("10.0.0.1", ["192.0.2.7, rubbish"], [], "10.0.0.1"),
    ("10.0.0.1", [""], [], "10.0.0.1"),
    ("10.0.0.1", [], ["proto=https"], "10.0.0.1"),
    ("10.0.0.1", ["6.6.6.6," * 2000 + "192.0.2.7"], [], "192.0.2.7"),
    # no proxy of ours
    ("192.0.2.9", ["6.6.6.6"], ["for=6.6.6.6"], "192.0.2.9"),
    ("", ["6.6.6.6"], [], ""),
]


def scope_of(sender: str, listed: list[str], forwarded: list[str]) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", one.encode()) for one in listed]
    headers += [(b"forwarded", one.encode()) for one in forwarded]
    return {"client": (sender, 1), "headers": headers, "state": {}}


@pytest.mark.parametrize(("sender", "listed", "forwarded", "client"), CASES)
def test_the_last_address_that_is_no_proxys_is_the_clients(
    sender: str, listed: list[str], forwarded: list[str], client: str
) -> None:
    assert client == PROXIES.client(scope_of(sender, listed, forwarded))


def test_without_proxies_nobody_is_believed() -> None:
    assert "192.0.2.9" == address_of(scope_of("192.0.2.9", ["6.6.6.6"], []))


def test_addresses_of_one_network_of_ipv6_are_one_client() -> None:
    for last in ("1", "2"):
        scope = scope_of("10.0.0.1", [f"2001:db8::{last}"], [])
        scope["state"]["address"] = PROXIES.client(scope)
        assert "2001:db8::/64" == address_of(scope)
