"""Who counts as one client: all addresses of one network of IPv6 together."""

import asyncio
import socket
from contextlib import ExitStack

import pytest

from kit.http.addresses import client_of
from kit.http.edge.connections import Connections
from kit.http.edge.streams import EVENTS, LongAnswers, TooMany


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_counts_by_its_network(address: str, client: str) -> None:
    assert client == client_of(address)


async def test_a_network_has_as_many_long_answers_as_an_address() -> None:
    answers = LongAnswers(per_address=2)
    task = asyncio.create_task(asyncio.sleep(0))
    with ExitStack() as stack:
        for number in range(2):
            stack.enter_context(answers.opened(EVENTS, {"client": (f"2001:db8::{number}", 1)}, task))
        with pytest.raises(TooMany):
            stack.enter_context(answers.opened(EVENTS, {"client": ("2001:db8::9", 1)}, task))
        stack.enter_context(answers.opened(EVENTS, {"client": ("2001:db8:0:1::9", 1)}, task))
    await task


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_connections_are_counted_by_networks_as_well() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as door:
        port = door.getsockname()[1]
        with socket.create_connection(("::1", port)), door.accept()[0]:
            watch = Connections([port], limit=16, per_address=4)
            assert ["::/64"] == [one.address for one in watch._all()]  # noqa: SLF001 - one machine has one such network
