"""Which addresses of the network are everybody's, and which a stranger may name."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.outgoing.public import is_public
from kit.outgoing.targets import NotAsked, target_of

INWARDS = [
    "0.0.0.0",  # noqa: S104 - judged, not bound
    "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "100::1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "11.0.0.1",
    "223.255.255.254", "2606:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:1.1.1.1", "64:ff9b::101:101",
]  # fmt: skip

NAT64 = IPv6Network("64:ff9b::/96")

ADDRESSES = st.ip_addresses() | st.integers(0, 2**32 - 1).map(IPv4Address)


@pytest.mark.parametrize("text", INWARDS)
def test_an_address_that_leads_inwards_is_not_public(text: str) -> None:
    assert is_public(ip_address(text)) is False


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_that_is_everybodys_is_public(text: str) -> None:
    assert is_public(ip_address(text)) is True


@given(ADDRESSES)
def test_nothing_is_public_that_python_knows_to_be_of_a_special_kind(
    address: IPv4Address | IPv6Address,
) -> None:
    special = (
        address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
        or address.is_unspecified or address.is_reserved
    )  # fmt: skip
    holds_another = isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64)
    assert not (special and not holds_another and is_public(address))


@given(st.integers(0, 2**32 - 1))
def test_an_address_that_holds_another_one_is_judged_by_that(four: int) -> None:
    alone = is_public(IPv4Address(four))
    mapped, translated = IPv6Address((0xFFFF << 32) | four), IPv6Address((0x64FF9B << 96) | four)
    assert [alone, alone] == [is_public(mapped), is_public(translated)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**80 - 1))
def test_what_is_tunnelled_is_never_public(four: int, rest: int) -> None:
    six_to_four = IPv6Address((0x2002 << 112) | (four << 80) | rest)
    teredo = IPv6Address((0x2001_0000 << 96) | ((rest & 0xFFFF_FFFF_FFFF_FFFF) << 32) | four)
    compatible = IPv6Address(four)
    assert [False] * 3 == [is_public(one) for one in (six_to_four, teredo, compatible)]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://example.org:22/", "https://example.org:80/",
        "https://user:secret@example.org/", "https://example.org/#part", "https:///path", "example.org",
        "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.1/", "https://127.1/", "https://1/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://[fe80::1%25eth0]/", "https://ex%00ample.org/", "https://exam ple.org/", "https://a\n.org/",
        "https://169.254.169.254/latest/meta-data", "https://127.0.0.1./", "https://example.org:99999/",
        "https://" + "a" * 2_000 + ".org/", "https://[::1", "https://пример.example/", "",
    ],
)  # fmt: skip
def test_an_address_that_leads_inwards_or_is_unusual_cannot_be_named(url: str) -> None:
    with pytest.raises(NotAsked):
        target_of(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/a", "http://[::1]:9000/a", "https://localhost:1/"])
def test_this_machine_can_be_named_where_that_is_allowed(url: str) -> None:
    assert target_of(url, loopback=True).port in {9000, 1}


def test_other_machines_inside_cannot_be_named_where_this_one_can() -> None:
    with pytest.raises(NotAsked):
        target_of("http://10.0.0.1/", loopback=True)


def test_an_address_is_taken_apart_as_it_is_asked() -> None:
    target = target_of("https://Hooks.Example.org:8443/in?a=b%20c")
    assert (b"https", b"hooks.example.org", 8443, b"/in?a=b%20c") == target
