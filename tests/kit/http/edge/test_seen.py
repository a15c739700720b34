"""What is counted and logged of a request, and what is not."""

import asyncio
import io

import orjson
import pytest
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from kit.http.edge.access import AccessLog
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics, exposition
from tests.kit.http.application import SHOWN, make_api
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
        self.log = AccessLog(self.written, shown=SHOWN, level=level)
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


async def test_nothing_that_a_terminal_obeys_gets_into_the_log() -> None:
    logged = Logged()
    await ask(logged.app, "GET", b"/v1/\xc2\x9b31m\x7f\xff?tag=\xc2\x9b")
    logged.log.flush()
    written = logged.written.getvalue()
    assert written.isascii()
    assert b"\x7f" not in written
    assert "\\xc2\\x9b31m" in str(logged.lines[0]["path"])


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
        "client": "192.0.2.0/24",
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
    async with asyncio.timeout(30):
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
