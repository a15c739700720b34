"""What every answer carries, whatever happened."""

import asyncio
import re

import pytest
import structlog
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from kit.http.docs import docs_routes
from kit.http.edge.deadlines import Deadlines
from kit.http.edge.exchange import BodyLimit
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from tests.kit.http.application import make_api
from tests.kit.http.asking import ask

UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"  # noqa: S105 - an example
BOT = "fjb_" + "c4nary-_" * 5 + "abc"
api = make_api()
app = Edge(api, metrics=Metrics())
documented = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
documented.router.routes.extend(docs_routes("A title", documented.openapi))
with_docs = Edge(documented, metrics=Metrics())


@pytest.mark.parametrize(
    "target", ["/v1/things", "/v1/nothing", "/v1/things?limit=x", "/v1/things/broken", ""]
)
async def test_every_answer_carries_the_protective_headers(target: str) -> None:
    answered = await ask(app, "GET", target)
    assert answered.header("x-content-type-options") == "nosniff"
    assert answered.header("referrer-policy") == "no-referrer"
    assert answered.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
    assert answered.header("strict-transport-security") is None
    assert re.fullmatch(UUID7, answered.header("x-request-id") or "")


async def test_only_over_tls_browsers_are_told_to_stay_there() -> None:
    answered = await ask(app, "GET", "/v1/things", scheme="https")
    assert answered.header("strict-transport-security") == "max-age=31536000; includeSubDomains"


async def test_the_page_of_the_docs_may_load_its_viewer_and_nothing_else_may() -> None:
    answers = [await ask(with_docs, "GET", "/docs") for _ in range(2)]
    nonces = []
    for answer in answers:
        policy = answer.header("content-security-policy") or ""
        (nonce,) = re.findall("script-src 'nonce-([A-Za-z0-9_-]{24})' 'self';", policy)
        assert [nonce.encode()] == re.findall(rb'<script nonce="([^"]+)">', answer.body)
        assert b"<script>" not in answer.body
        assert "frame-ancestors 'none'" in policy
        assert "same-origin" == answer.header("cross-origin-opener-policy")
        assert "text/html; charset=utf-8" == answer.header("content-type")
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert "script-src" not in (
        (await ask(with_docs, "GET", "/docs/x")).header("content-security-policy") or ""
    )


@pytest.mark.parametrize("given", ["order-17-2026", "a" * 64, "0190b3c8-7b1e-7c55-9d70-0f1d2c3b4a59"])
async def test_a_sane_request_id_of_the_caller_is_kept(given: str) -> None:
    assert (await ask(app, "GET", "/v1/things", headers=[("x-request-id", given)])).header(
        "x-request-id"
    ) == given


@pytest.mark.parametrize(
    "given", ["short", "a" * 65, "a b c d e f", "<script>1</script>", TOKEN, BOT, "", "é" * 9]
)
async def test_an_odd_request_id_is_replaced(given: str) -> None:
    answered = await ask(app, "GET", "/v1/things", headers=[("x-request-id", given)])
    assert re.fullmatch(UUID7, answered.header("x-request-id") or "")


async def test_an_answer_to_a_token_is_not_stored_unless_the_application_says_so() -> None:
    headers = [("authorization", "Bearer x")]
    assert (await ask(app, "GET", "/v1/things")).header("cache-control") is None
    assert (await ask(app, "GET", "/v1/things", headers=headers)).header("cache-control") == "no-store"

    async def caching(_scope: Scope, _receive: Receive, send: Send) -> None:
        cached = [(b"cache-control", b"private, max-age=5")]
        await send({"type": "http.response.start", "status": 200, "headers": cached})
        await send({"type": "http.response.body", "body": b""})

    answered = await ask(Edge(caching, metrics=Metrics()), "GET", "/", headers=headers)
    assert answered.header("cache-control") == "private, max-age=5"


async def test_a_refusal_is_never_stored() -> None:
    assert (await ask(app, "GET", "/v1/nothing")).header("cache-control") == "no-store"


async def test_head_is_answered_like_get_without_the_body() -> None:
    got = await ask(app, "GET", "/v1/things")
    head = await ask(app, "HEAD", "/v1/things")
    assert (head.status, head.body) == (200, b"")
    assert head.header("content-length") == got.header("content-length") == str(len(got.body))


async def test_head_ends_even_where_get_would_go_on_for_ever() -> None:
    async with asyncio.timeout(30):
        assert (await ask(app, "HEAD", "/v1/things/endless")).status == 200


async def test_headers_that_an_application_shares_between_answers_stay_as_they_are() -> None:
    start: Message = {"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]}

    async def sharing(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    shared = Edge(sharing, metrics=Metrics())
    first, second = await ask(shared, "GET", "/"), await ask(shared, "GET", "/")
    assert start["headers"] == [(b"etag", b'"1"')]
    assert first.header("x-request-id") != second.header("x-request-id")


async def test_a_failure_is_a_500_with_an_id_that_finds_it_in_the_log() -> None:
    with structlog.testing.capture_logs() as logged:
        answered = await ask(app, "GET", "/v1/things/broken")
    assert (answered.status, answered.problem) == (500, "internal")
    assert b"secret" not in answered.body
    assert [line["request_id"] for line in logged] == [answered.header("x-request-id")]
    assert "RuntimeError" in logged[0]["traceback"]
    assert (await ask(app, "GET", "/v1/things")).status == 200


async def test_a_failure_in_a_layer_without_framework_is_a_500_too() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError("x")

    with structlog.testing.capture_logs():
        answered = await ask(Edge(failing, metrics=Metrics()), "GET", "/")
    assert (answered.status, answered.problem) == (500, "internal")


async def test_a_failure_in_the_middle_of_an_answer_is_not_hidden() -> None:
    with structlog.testing.capture_logs(), pytest.raises(RuntimeError):
        await ask(app, "GET", "/v1/things/half")


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def nothing() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    reading = BodyLimit(nothing, -1, 1000, 0.05, Deadlines(0.01))
    with pytest.raises(Exception, match="408") as raised:
        await reading()
    assert getattr(raised.value, "status_code", 0) == 408


async def test_foreign_hosts_are_refused_where_hosts_are_named() -> None:
    named = Edge(api, metrics=Metrics(), hosts=["api.example.org", "[::1]"])
    for host, status in [
        ("api.example.org", 200),
        ("API.example.org:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("api.example.org.evil.example", 400),
        ("api.example.org@evil.example", 400),
    ]:
        assert (await ask(named, "GET", "/v1/things", host=host)).status == status


async def test_browsers_may_call_from_exactly_the_named_origins() -> None:
    origin = "https://wiki.example"
    named = Edge(api, metrics=Metrics(), origins=[origin])
    asked = [("access-control-request-method", "PATCH"), ("access-control-request-headers", "if-match")]
    preflight = await ask(named, "OPTIONS", "/v1/things", headers=[("origin", origin), *asked])
    assert (preflight.status, preflight.header("access-control-allow-origin")) == (200, origin)
    assert preflight.header("access-control-allow-credentials") is None
    for foreign in ("https://wiki.example.evil", "http://wiki.example", "null"):
        answered = await ask(named, "GET", "/v1/things", headers=[("origin", foreign)])
        assert answered.header("access-control-allow-origin") is None
        refused = await ask(named, "OPTIONS", "/v1/things", headers=[("origin", foreign), *asked])
        assert (refused.status, refused.header("access-control-allow-origin")) == (400, None)
    assert (await ask(app, "GET", "/v1/things", headers=[("origin", origin)])).header(
        "access-control-allow-origin"
    ) is None


@pytest.mark.parametrize("origin", [None, "https://wiki.example", "https://evil.example"])
@pytest.mark.parametrize("path", ["/v1/things", "/nowhere"])
async def test_every_answer_says_that_it_depends_on_the_origin(path: str, origin: str | None) -> None:
    named = Edge(api, metrics=Metrics(), origins=["https://wiki.example"])
    headers = [] if origin is None else [("origin", origin)]
    answered = await ask(named, "GET", path, headers=headers)
    assert [value for name, value in answered.headers if name == "vary"] == ["Origin"]
    assert (await ask(app, "GET", path, headers=headers)).header("vary") is None


@pytest.mark.parametrize("origin", ["*", "null", "wiki.example"])
def test_an_origin_that_is_not_one_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="exact origins"):
        Edge(api, metrics=Metrics(), origins=[origin])
