"""Answers that are ready: sent by the edge alone, and the same as what the application sends."""

import io
from collections.abc import Mapping, Sequence

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from kit.http.edge.access import AccessLog
from kit.http.edge.exchange import AT_ONCE, PIECE
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.edge.whole import Whole
from tests.kit.http.asking import Answered, ask

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"4")]
ORIGIN = "https://a.example"


class Site:
    """An edge that has one answer ready, before an application that gives the same one."""

    def __init__(self, body: bytes = b"text", hidden: Sequence[str] = ()) -> None:
        self.calls = 0
        self.whole = Whole(200, HEADERS, body, "/v1/things/{id}")
        self.written = io.BytesIO()
        self.log = AccessLog(self.written)
        self.edge = Edge(
            self.app,
            metrics=Metrics(),
            log=self.log,
            at_once=self.at_once,
            origins=[ORIGIN],
            hosts=["test"],
            hidden=hidden,
        )

    async def app(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.calls += 1
        scope["state"]["route"] = self.whole.route
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send(self.whole.rest)

    def at_once(self, _scope: Scope, _asked: Mapping[bytes, bytes]) -> Whole | None:
        return self.whole

    async def both(self, method: str) -> tuple[Answered, Answered]:
        """Return what is sent when it is ready, and what the application sends."""
        named = [("x-request-id", "0123456789abcdef")]
        ready = await ask(self.edge, method, "/v1/things/1", headers=named)
        assert self.calls == 0
        plain = Edge(self.app, metrics=Metrics(), log=self.log, origins=[ORIGIN])
        return ready, await ask(plain, method, "/v1/things/1", headers=named)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_an_answer_that_is_ready_is_what_the_application_would_send(method: str) -> None:
    site = Site()
    ready, asked = await site.both(method)
    assert ready.header("vary") == "Origin", "a cache may hold it for a page of that origin"
    assert (ready.status, ready.headers, ready.body) == (asked.status, asked.headers, asked.body)
    site.log.flush()
    lines = [orjson.loads(line) for line in site.written.getvalue().splitlines()]
    for line in lines:
        del line["timestamp"], line["us"]
    assert lines[0] == lines[1]


async def test_each_gets_an_id_of_its_own() -> None:
    site = Site()
    answers = [await ask(site.edge, "GET", "/v1/things/1") for _ in range(3)]
    assert len({answer.header("x-request-id") for answer in answers}) == 3
    assert site.calls == 0


async def test_a_large_answer_goes_out_in_pieces() -> None:
    sent: list[int] = []
    site = Site(bytes(AT_ONCE + PIECE))

    async def counting(message: Mapping[str, bytes]) -> None:
        sent.append(len(message.get("body", b"")))

    async def through(scope: Scope, receive: Receive, _send: Send) -> None:
        await site.edge(scope, receive, counting)

    await ask(through, "GET", "/v1/things/1")
    assert sent == [0, *[PIECE] * 5]
    assert site.calls == 0


@pytest.mark.parametrize(
    ("headers", "body"), [([("origin", ORIGIN)], b""), ([], b"text"), ([("content-length", "0")], b"")]
)
async def test_what_other_layers_must_see_is_passed_on(headers: list[tuple[str, str]], body: bytes) -> None:
    site = Site()
    await ask(site.edge, "GET", "/v1/things/1", headers=headers, body=body)
    assert site.calls == 1


async def test_nothing_is_ready_where_nothing_is_shown_or_for_another_host() -> None:
    site = Site(hidden=["/v1/things/1"])
    assert (await ask(site.edge, "GET", "/v1/things/1")).status == 404
    assert (await ask(site.edge, "GET", "/v1/things/2", host="other")).status == 400
    assert (await ask(site.edge, "GET", "/v1/things/2")).status == 200
