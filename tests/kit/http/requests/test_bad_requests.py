"""The table of bad paths, queries and headers and right answers."""

from collections.abc import Sequence

import pytest

from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from tests.kit.http.application import make_api
from tests.kit.http.asking import Answered, ask

JSON = [("content-type", "application/json")]
UUID = "6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11"

app = Edge(make_api(), metrics=Metrics())


async def command(body: bytes, headers: Sequence[tuple[str, str]] = JSON) -> Answered:
    return await ask(app, "POST", "/v1/things", headers=headers, body=body)


@pytest.mark.parametrize(
    "query",
    [
        "limit=99999999999999999999",
        "limit=-1",
        "limit=0",
        "limit=101",
        "limit=",
        "limit=a",
        "limit=1.5",
        "limit=1&limit=2",
        "after=9223372036854775808",
        "after=-1",
        "offset=5",
        "sort=body",
        "sort=title&sort=title",
        "__class__=1",
        "$where=1",
        "a.b.c=1",
        "limit",
        "=",
        "tag=%FF",
        "tag=%D1",
        "tag=%00",
        "tag=%zz",
        "tag=%",
        "tag=%E0%80%80",
        "tag=a%0Ab",
        "tag=",
        "%00=1",
        "tag=\xff",
        "tag=" + "a" * 101,
        "limit=5&",
        "&limit=5",
        "limit=5&&tag=a",
    ],
)
async def test_a_bad_query_is_a_400(query: str) -> None:
    answered = await ask(app, "GET", f"/v1/things?{query}")
    assert answered.status == 400
    assert answered.problem in {"invalid-parameter", "bad-request"}


async def test_a_good_query_is_read_and_a_list_may_repeat() -> None:
    answered = await ask(app, "GET", "/v1/things?limit=5&tag=a&tag=%D1%82%D1%83&after=7")
    assert answered.json == {"limit": 5, "after": 7, "tag": ["a", "ту"], "sort": "title"}


@pytest.mark.parametrize("target", [f"/v1/things/{UUID}?x=1", "/v1/things/diff?from=1&to=2&x=1"])
async def test_a_query_is_refused_where_none_or_another_is_taken(target: str) -> None:
    assert (await ask(app, "GET", target)).problem == "invalid-parameter"


async def test_a_query_on_a_command_is_refused() -> None:
    answered = await ask(app, "POST", "/v1/things?force=1", headers=JSON, body=b'{"title":"a"}')
    assert answered.problem == "invalid-parameter"


@pytest.mark.parametrize(
    "query", ["from=1&to=0", "from=1", "from=1&to=2&to=2", "from=1&to=99999999999999999999"]
)
async def test_single_parameters_are_as_strict(query: str) -> None:
    assert (await ask(app, "GET", f"/v1/things/diff?{query}")).status == 400


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/v1/things/{UUID}", 200),
        (f"/v1/things/{UUID.upper()}", 200),
        ("/v1/things/1", 404),
        ("/v1/things/{" + UUID + "}", 404),
        (f"/v1/things/urn:uuid:{UUID}", 404),
        (f"/v1/things/{UUID.replace('-', '')}", 404),
        (f"/v1/things/{UUID}%00", 404),
        ("/v1/things/%00", 404),
        (f"/v1/things%2F{UUID}", 404),
        (f"/v1%2fthings/{UUID}", 404),
        ("/v1/things/%FF", 400),
        ("/v1/things/%D1", 400),
        ("/v1/things/%2", 400),
        ("/v1/things/%zz", 400),
        (b"/v1/things/\xd1\x82", 400),
        ("/v1/things/%0d%0aX:1", 404),
        ("/v1/things/..%2f..%2fetc", 404),
        ("/v1/nothing", 404),
        ("/v1/things/", 404),
        ("", 400),
        ("*", 400),
        ("/" + "a" * 8192, 414),
        ("/v1/things?tag=" + "a" * 8192, 414),
    ],
)
async def test_a_path_leads_somewhere_or_is_refused(target: str | bytes, status: int) -> None:
    answered = await ask(app, "GET", target)
    assert answered.status == status
    if status != 200:
        assert answered.problem


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 428),
        ("*", 400),
        ("v7", 400),
        ('W/"v7"', 400),
        ('"v7", "v8"', 400),
        ('"v0"', 400),
        ('"f3a9.2.en"', 412),
        ('"v7"', 200),
    ],
)
async def test_a_change_names_the_version_that_it_is_based_on(header: str | None, status: int) -> None:
    headers = [*JSON, ("if-match", header)] if header is not None else JSON
    answered = await ask(app, "PATCH", f"/v1/things/{UUID}", headers=headers, body=b'{"title":"a"}')
    assert answered.status == status


@pytest.mark.parametrize("name", ["if-match", "idempotency-key", "authorization", "host", "content-length"])
async def test_a_header_that_may_come_once_and_comes_twice_is_a_400(name: str) -> None:
    value = {"if-match": '"v7"', "host": "test", "content-length": "13"}.get(name, "a")
    headers = [*JSON, ("if-match", '"v7"'), (name, value), (name, value)]
    target = "/v1/things" if name == "idempotency-key" else f"/v1/things/{UUID}"
    method = "POST" if name == "idempotency-key" else "PATCH"
    answered = await ask(app, method, target, headers=headers, body=b'{"title":"a"}')
    assert (answered.status, answered.problem) == (400, "invalid-header")


@pytest.mark.parametrize("key", ["", "k" * 256, "a\x00", "\xff"])
async def test_an_odd_idempotency_key_is_a_400(key: str) -> None:
    answered = await command(b'{"title":"a"}', [*JSON, ("idempotency-key", key)])
    assert answered.problem == "invalid-header"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "CONNECT", "get", "BREW"])
async def test_a_method_that_is_not_offered_is_a_405_that_names_all_that_are(method: str) -> None:
    answered = await ask(app, method, "/v1/things")
    assert (answered.status, answered.header("allow")) == (405, "GET, HEAD, POST")


async def test_headers_above_16_kb_are_a_431() -> None:
    assert (await ask(app, "GET", "/v1/things", headers=[("x", "a" * 16_384)])).problem == "headers-too-large"
    many = [(f"x-{index}", "a") for index in range(2000)]
    assert (await ask(app, "GET", "/v1/things", headers=many)).status == 431
    assert (await ask(app, "GET", "/v1/things", headers=[("x", "a" * 16_000)])).status == 200


@pytest.mark.parametrize("host", [None, ""])
async def test_a_request_without_host_is_a_400(host: str | None) -> None:
    assert (await ask(app, "GET", "/v1/things", host=host)).problem == "bad-request"
