"""The table of bad inputs and right answers, asked of a small application behind the edge."""

from collections.abc import Sequence

import pytest

from kit.http.edge import Edge
from kit.http.metrics import Metrics
from tests.kit.http.application import make_api
from tests.kit.http.asking import Answered, ask

JSON = [("content-type", "application/json")]
UUID = "6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11"

app = Edge(make_api(), metrics=Metrics())


async def command(body: bytes, headers: Sequence[tuple[str, str]] = JSON) -> Answered:
    return await ask(app, "POST", "/v1/things", headers=headers, body=body)


async def test_a_good_command_is_accepted() -> None:
    answered = await command('{"title":"Ту-144","locale":"ru","count":3,"share":0.5}'.encode())
    assert (answered.status, answered.json["title"]) == (201, "Ту-144")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (rb'{"title":"a\u0000b"}', 422),
        (rb'{"title":"a","free":{"b":"\u0000"}}', 422),
        (rb'{"title":"a","free":{"\u0000":1}}', 422),
        (rb'{"title":"\ud800"}', 422),
        (rb'{"title":"a","free":["\ud800"]}', 422),
        (rb'{"title":"a","count":"\ud800"}', 422),
        (b'{"title":"a","share":NaN}', 400),
        (b'{"title":"a","free":{"b":Infinity}}', 400),
        (b'{"title":"a","count":-Infinity}', 400),
        (b'{"title":"a","count":9223372036854775808}', 422),
        (b'{"title":"a","count":1001}', 422),
        (b'{"title":"a","count":-1}', 422),
        (b'{"title":"a","count":1.0}', 422),
        (b'{"title":"a","count":"3"}', 422),
        (b'{"title":"a","count":true}', 422),
        (b'{"title":"a","count":' + b"9" * 4000 + b"}", 422),
        (b'{"title":"a","count":' + b"9" * 4301 + b"}", 400),
        (b'{"title":"a","count":1e400}', 422),
        (b'{"title":"a","share":1e400}', 422),
        (b'{"title":"a","share":1e999999}', 422),
        (b'{"title":"a","free":' + b'{"a":' * 900 + b"1" + b"}" * 901, 422),
        (b'{"title":"a","free":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422),
        (b'{"title":"a","title":"b"}', 400),
        (b'{"title":"a","free":{"b":1,"b":2}}', 400),
        (b'{"title":"a","role":"admin"}', 422),
        (b'{"title":"a","sources":[{"title":"b","role":1}]}', 422),
        (b'{"title":"\xff"}', 400),
        (b"\xef\xbb\xbf" + b'{"title":"a"}', 400),
        ('{"title":"a"}'.encode("utf-16"), 400),
        (b'{"title":"a","at":"0001-01-01T00:00:00+23:59"}', 422),
        (b'{"title":"a","at":"9999-12-31T23:59:59-23:59"}', 422),
        (b'{"title":"a","at":253402300800}', 422),
        (b'{"title":"a","at":"253402300800"}', 422),
        (b'{"title":"a","at":"2026-02-30T00:00:00Z"}', 422),
        (b'{"title":"a","at":"2026-01-01T00:00:00"}', 422),
        (b'{"title":"a","subject":"{6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11}"}', 422),
        (b'{"title":"a","subject":"urn:uuid:6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11"}', 422),
        (b'{"title":"a","subject":1}', 422),
        (b'{"title":"a","locale":"de"}', 422),
        (b'{"title":"a","public":1}', 422),
        (b'{"title":"a","public":"yes"}', 422),
        (b'{"title":""}', 422),
        (b'{"title":"' + b"a" * 301 + b'"}', 422),
        (b'{"title":"a\\nb"}', 422),
        (b'{"title":"a\\u202eb"}', 422),
        (b'{"title":"a' + b"\xcc\x81" * 9 + b'"}', 422),
        (b'{"title":"a","text":"\\u0007"}', 422),
        (b'{"title":"a","text":"\x7f"}', 422),
        (b'{"title":null}', 422),
        (b'{"title":["a"]}', 422),
        (b"{}", 422),
        (b"[]", 422),
        (b'"a"', 422),
        (b"null", 422),
        (b"1", 422),
        (b"", 422),
        (b" ", 400),
        (b"{", 400),
        (b'{"title":"a","sources":[' + b'{"title":"b"},' * 1000 + b'{"title":"b"}]}', 422),
    ],
)
async def test_a_bad_body_is_refused(body: bytes, status: int) -> None:
    answered = await command(body)
    assert answered.status == status
    assert answered.problem in {"invalid-body", "invalid-json"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "")],
        [("content-type", "text/plain")],
        [("content-type", "application/x-www-form-urlencoded")],
        [("content-type", "application/jsonp")],
        [("content-type", "application/merge-patch+json")],
        [("content-type", "application/json; charset=utf-16")],
        [("content-type", "application/json; charset=latin-1")],
        [("content-type", "application/json; boundary=x")],
        [*JSON, ("content-encoding", "gzip")],
        [*JSON, ("content-encoding", "br, gzip")],
    ],
)
async def test_another_type_or_encoding_is_a_415(headers: list[tuple[str, str]]) -> None:
    assert (await command(b'{"title":"a"}', headers)).problem == "unsupported-media-type"


@pytest.mark.parametrize("spelling", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"'])
async def test_utf8_may_be_spelt_out(spelling: str) -> None:
    assert (await command(b'{"title":"a"}', [("content-type", spelling)])).status == 201


async def test_a_second_content_type_is_a_400() -> None:
    assert (await command(b'{"title":"a"}', [*JSON, ("content-type", "text/plain")])).status == 400


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
    ],
)
async def test_a_bad_query_is_a_400(query: str) -> None:
    answered = await ask(app, "GET", f"/v1/things?{query}")
    assert answered.status == 400
    assert answered.problem in {"invalid-parameter", "bad-request"}


async def test_a_good_query_is_read_and_a_list_may_repeat() -> None:
    answered = await ask(app, "GET", "/v1/things?limit=5&tag=a&tag=%D1%82%D1%83&after=7&")
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


async def test_a_body_that_may_be_left_out_may_be_left_out() -> None:
    target = f"/v1/things/{UUID}/publication"
    assert (await ask(app, "DELETE", target)).json["reason"] is None
    answered = await ask(app, "DELETE", target, headers=JSON, body=b'{"reason":"outdated"}')
    assert answered.json["reason"] == "outdated"
    assert (await ask(app, "DELETE", target, headers=JSON, body=b'{"why":"x"}')).status == 422


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


@pytest.mark.parametrize("length", ["1048577", "300000000", "9" * 30])
async def test_a_body_that_says_it_is_too_large_is_a_413_unread(length: str) -> None:
    answered = await command(b"", [*JSON, ("content-length", length)])
    assert answered.problem == "body-too-large"


@pytest.mark.parametrize("length", ["-1", "+3", "0x10", "", "1 2", "\xb2"])
async def test_a_length_that_is_no_number_is_a_400(length: str) -> None:
    answered = await command(b"", [*JSON, ("content-length", length)])
    assert answered.problem == "bad-request"


async def test_a_chunked_body_is_counted_as_it_comes() -> None:
    pieces = [b'{"title":"a","text":"'] + [b"a" * 65_536] * 16 + [b'"}']
    answered = await ask(app, "POST", "/v1/things", headers=JSON, body=pieces)
    assert answered.problem == "body-too-large"


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = b'{"title":"a"' + b" " * (1024 * 1024 - 13) + b"}"
    assert len(body) == 1024 * 1024
    assert (await command(body)).status == 201
    assert (await command(body + b" ")).status == 413
