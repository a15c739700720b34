"""What every answer carries, whatever happened, and what is counted and logged of it."""

import asyncio
import io
import re

import orjson
import pytest
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from kit.http.access import AccessLog
from kit.http.edge import Edge
from kit.http.deadlines import Deadlines
from kit.http.exchange import BodyLimit
from kit.http.metrics import Metrics, exposition
from tests.kit.http.application import make_api
from tests.kit.http.asking import ask

UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"  # noqa: S105 - an example
BOT = "fjb_" + "c4nary-_" * 5 + "abc"
api = make_api()
app = Edge(api, metrics=Metrics())


class Logged:
    """An edge whose log and metrics can be looked at."""

    def __init__(self, level: str = "info") -> None:
        self.written = io.BytesIO()
        self.metrics = Metrics()
        self.log = AccessLog(self.written, level=level)
        self.app = Edge(api, metrics=self.metrics, log=self.log)

    @property
    def lines(self) -> list[dict[str, object]]:
        self.log.flush()
        return [orjson.loads(line) for line in self.written.getvalue().splitlines()]

    def count(self, name: str, **labels: str) -> float:
        registry = CollectorRegistry()
        registry.register(self.metrics)
        return sum(
            sample.value
            for family in text_string_to_metric_families(exposition(registry).decode())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


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
    policy = (await ask(app, "GET", "/docs")).header("content-security-policy") or ""
    assert "script-src 'unsafe-inline' https://cdn.jsdelivr.net" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in ((await ask(app, "GET", "/docs/x")).header("content-security-policy") or "")


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
    async with asyncio.timeout(5):
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


@pytest.mark.parametrize("origin", ["*", "null", "wiki.example"])
def test_an_origin_that_is_not_one_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="exact origins"):
        Edge(api, metrics=Metrics(), origins=[origin])


async def test_requests_are_counted_and_timed_by_template() -> None:
    logged = Logged()
    for target in ("/v1/things/1", "/v1/things/2", "/v1/things?limit=3", "/made/up/1", "/made/up/2"):
        await ask(logged.app, "GET", target)
    await ask(logged.app, "HEAD", "/v1/things")
    await ask(logged.app, "BREW", "/v1/things")
    assert logged.count("http_requests_total", route="/v1/things/{id}", status="404") == 2
    assert logged.count("http_requests_total", route="unmatched", method="GET") == 2
    assert logged.count("http_requests_total", method="HEAD", route="/v1/things", status="200") == 1
    assert logged.count("http_requests_total", method="other", status="405") == 1
    assert logged.count("http_request_duration_seconds_count", route="/v1/things", method="GET") == 1
    assert logged.count("http_request_duration_seconds_bucket", route="unmatched", le="+Inf") == 2
    assert logged.count("http_requests_total") == 7


async def test_a_layer_that_answers_by_itself_names_its_route() -> None:
    async def cache(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["state"]["route"] = "/v1/things/{id}"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    logged = Logged()
    logged.app = Edge(cache, metrics=logged.metrics, log=logged.log)
    await ask(logged.app, "GET", "/v1/things/7")
    assert logged.lines[0]["route"] == "/v1/things/{id}"


async def test_one_line_is_logged_per_request() -> None:
    logged = Logged()
    answered = await ask(logged.app, "GET", "/v1/things?limit=3&tag=a%0Ab&cursor=abc")
    (line,) = logged.lines
    assert line["request_id"] == answered.header("x-request-id")
    assert {key: line[key] for key in ("event", "level", "method", "path", "route", "status", "client")} == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "path": "/v1/things",
        "route": "/v1/things",
        "status": 400,
        "client": "192.0.2.7",
    }
    assert (line["query"], line["bytes"]) == ("limit=3&tag=a%0Ab&cursor=", len(answered.body))
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    ("level", "statuses"), [("info", [200, 404, 500]), ("warning", [404, 500]), ("error", [500])]
)
async def test_the_level_decides_what_is_logged(level: str, statuses: list[int]) -> None:
    logged = Logged(level)
    with structlog.testing.capture_logs():
        for target in ("/v1/things", "/v1/nothing", "/v1/things/broken"):
            await ask(logged.app, "GET", target)
    assert [line["status"] for line in logged.lines] == statuses


@pytest.mark.parametrize("secret", [TOKEN, BOT])
async def test_a_secret_that_is_sent_anywhere_appears_in_no_log_and_no_answer(secret: str) -> None:
    logged = Logged()
    headers = [
        ("authorization", f"Bearer {secret}"),
        ("cookie", f"session={secret}"),
        ("x-request-id", secret),
        ("idempotency-key", secret),
        ("user-agent", secret),
        ("content-type", "application/json"),
    ]
    body = orjson.dumps(
        {"title": secret, secret: 1, "count": secret, "locale": secret, "sources": [{secret: 1}]}
    )
    with structlog.testing.capture_logs() as captured:
        for target in (
            "/v1/things",
            f"/v1/things/{secret}",
            f"/{secret}",
            f"/v1/things?access_token={secret}",
            f"/v1/things?tag={secret}&{secret}={secret}&{secret}",
            f"/v1/things/diff?from={secret}&to={secret}",
        ):
            for method in ("GET", "POST"):
                answered = await ask(logged.app, method, target, headers=headers, body=body)
                if answered.status != 200:
                    assert secret.encode() not in answered.body
                assert secret not in str(answered.headers)
    logged.log.flush()
    assert len(logged.lines) == 12
    assert secret.encode() not in logged.written.getvalue()
    assert secret not in str(captured)


async def test_lines_are_written_by_themselves_before_long() -> None:
    logged = Logged()
    await ask(logged.app, "GET", "/v1/things")
    assert not logged.written.getvalue()
    async with asyncio.timeout(5):
        while not logged.written.getvalue():  # noqa: ASYNC110 - what is waited for is a plain write
            await asyncio.sleep(0.02)


async def test_a_client_that_goes_away_is_counted_as_such() -> None:
    async def waiting(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(60)

    logged = Logged()
    task = asyncio.create_task(ask(Edge(waiting, metrics=logged.metrics), "GET", "/"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert logged.count("http_requests_total", status="499") == 1


async def test_a_log_that_cannot_be_written_fails_no_request() -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    log = AccessLog(Full())
    assert (await ask(Edge(api, metrics=Metrics(), log=log), "GET", "/v1/things")).status == 200
    log.flush()
