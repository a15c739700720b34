"""A request to an address that a stranger named stays within bounds, and never goes inwards."""

import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from kit.outgoing.client import MOST_BYTES, PublicClient, Unanswered
from kit.outgoing.connecting import PublicNetwork
from kit.outgoing.targets import NotAsked
from tests.servers.nodes.certificate import certificate_of_this_machine
from tests.servers.receiving.receiver import BREAKS, ENDLESS, HANGS, receiving

NAME = "hooks.example"


class Names:
    """Looks names up, and answers in this order; the last answer stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def why_not(client: PublicClient, url: str) -> str:
    with pytest.raises(Unanswered) as found:
        await client.post(url, b"{}", {})
    return str(found.value)


async def test_a_body_arrives_as_it_was_sent_with_its_headers() -> None:
    async with receiving() as receiver:
        reply = await PublicClient(loopback=True).post(receiver.url, b'{"a":1}', {"webhook-id": "x"})
        one = receiver.received[0]
    assert (204, b"", True) == (reply.status, reply.body, reply.whole)
    assert ("POST", "/in", b'{"a":1}', "x", f"127.0.0.1:{receiver.port}") == (
        one.method, one.path, one.body, one.headers["webhook-id"], one.headers["host"],
    )  # fmt: skip


async def test_a_receiver_that_hangs_takes_no_longer_than_the_bound() -> None:
    async with receiving(lambda _: HANGS) as receiver:
        began = time.monotonic()
        why = await why_not(PublicClient(loopback=True, seconds=0.5), receiver.url)
    assert ("no whole answer in time", True) == (why, time.monotonic() - began < 10)


async def test_of_an_answer_without_end_no_more_is_read_than_the_bound() -> None:
    async with receiving(lambda _: ENDLESS) as receiver:
        reply = await PublicClient(loopback=True).post(receiver.url, b"{}", {})
    assert (200, MOST_BYTES, False) == (reply.status, len(reply.body), reply.whole)


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving(lambda _: 307) as receiver:
        reply = await PublicClient(loopback=True).post(receiver.url, b"{}", {})
    assert (307, 1) == (reply.status, len(receiver.received))


async def test_a_receiver_that_hangs_up_has_not_answered() -> None:
    async with receiving(lambda _: BREAKS) as receiver:
        assert "broke off, or is no HTTP" == await why_not(PublicClient(loopback=True), receiver.url)


async def test_this_machine_is_asked_only_where_that_is_allowed() -> None:
    names = Names(["127.0.0.1"])
    async with receiving() as receiver:
        said = [
            await why_not(PublicClient(resolve=names), receiver.url),
            await why_not(PublicClient(resolve=names), f"https://{NAME}/"),
        ]
    assert ["begins with https://", "leads to no public address"] == said
    assert [] == receiver.received


async def test_a_name_that_means_another_address_the_second_time_leads_nowhere() -> None:
    """The client looks each address at that it connects to: what was found before does not count."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with receiving() as receiver:
        url = f"http://{NAME}:{receiver.port}/"
        client = PublicClient(loopback=True, resolve=names)
        first = await client.post(url, b"{}", {})
        second = await why_not(client, url)
    assert (204, "leads to no public address", [NAME] * 2) == (first.status, second, names.asked)


async def test_one_address_that_leads_inwards_is_enough() -> None:
    names = Names(["127.0.0.1", "10.0.0.1"])
    async with receiving() as receiver:
        why = await why_not(PublicClient(loopback=True, resolve=names), f"http://{NAME}:{receiver.port}/")
    assert ("leads to no public address", []) == (why, receiver.received)


class Elsewhere(httpcore2.AnyIOBackend):
    """A network in which every address leads to this machine, as one with rules of its own can."""

    async def connect_tcp(self, _host: str, port: int, *how: Any) -> httpcore2.AsyncNetworkStream:
        return await super().connect_tcp("127.0.0.1", port, *how)


async def test_a_connection_that_leads_inwards_all_the_same_is_hung_up() -> None:
    names = Names(["93.184.216.34"])
    async with receiving() as receiver:
        network = PublicNetwork(names, within=Elsewhere())
        with pytest.raises(NotAsked, match="no public address"):
            await network.connect_tcp(NAME, receiver.port)
    assert [] == receiver.received


async def test_a_name_is_looked_up_once_for_a_request() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.1"])
    async with receiving() as receiver:
        await PublicClient(loopback=True, resolve=names).post(f"http://{NAME}:{receiver.port}/", b"{}", {})
    assert [NAME] == names.asked


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await PublicClient(loopback=True).post(receiver.url, b"{}", {})
    assert (0, 1) == (len(proxy.received), len(receiver.received))


async def test_a_certificate_has_to_be_of_the_name_that_was_asked_for(tmp_path: Path) -> None:
    path = certificate_of_this_machine(tmp_path, NAME)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    trusting = ssl.create_default_context(cafile=path)
    names = Names(["127.0.0.1"])
    async with receiving(tls=server) as receiver:
        client = PublicClient(loopback=True, resolve=names, tls=trusting)
        reply = await client.post(f"https://{NAME}:{receiver.port}/", b"{}", {})
        other = await why_not(client, f"https://other.example:{receiver.port}/")
        unknown = await why_not(
            PublicClient(loopback=True, resolve=names), f"https://{NAME}:{receiver.port}/"
        )
    assert (204, "TLS was refused", "TLS was refused") == (reply.status, other, unknown)


async def test_a_name_that_nobody_has_is_not_known() -> None:
    assert "cannot be reached" == await why_not(PublicClient(), "https://nobody.invalid/")
