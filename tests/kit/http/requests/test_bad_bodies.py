"""The table of bad bodies and right answers, asked of a small application behind the edge."""

from collections.abc import Sequence

import pytest

from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.problems import SHOWN
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


async def test_a_body_that_may_be_left_out_may_be_left_out() -> None:
    target = f"/v1/things/{UUID}/publication"
    assert (await ask(app, "DELETE", target)).json["reason"] is None
    answered = await ask(app, "DELETE", target, headers=JSON, body=b'{"reason":"outdated"}')
    assert answered.json["reason"] == "outdated"
    assert (await ask(app, "DELETE", target, headers=JSON, body=b'{"why":"x"}')).status == 422


@pytest.mark.parametrize("length", ["1048577", "300000000", "9" * 30])
async def test_a_body_that_says_it_is_too_large_is_a_413_unread(length: str) -> None:
    answered = await command(b"", [*JSON, ("content-length", length)])
    assert answered.problem == "body-too-large"


@pytest.mark.parametrize("length", ["-1", "+3", "0x10", "", "1 2", "\xb2"])
async def test_a_length_that_is_no_number_is_a_400(length: str) -> None:
    answered = await command(b"", [*JSON, ("content-length", length)])
    assert answered.problem == "bad-request"


async def test_a_length_beside_chunks_is_a_400() -> None:
    headers = [("content-type", "application/json"), ("content-length", "4")]
    answered = await ask(app, "POST", "/v1/things", headers=headers, body=[b"{}"])
    assert (answered.status, answered.problem) == (400, "bad-request")


async def test_of_very_many_faults_the_first_are_described() -> None:
    fields = ",".join(f'"unknown{number}":1' for number in range(500))
    headers = [("content-type", "application/json")]
    answered = await ask(app, "POST", "/v1/things", headers=headers, body=f"{{{fields}}}".encode())
    assert (answered.status, SHOWN) == (422, len(answered.json["errors"]))


async def test_a_chunked_body_is_counted_as_it_comes() -> None:
    pieces = [b'{"title":"a","text":"'] + [b"a" * 65_536] * 16 + [b'"}']
    answered = await ask(app, "POST", "/v1/things", headers=JSON, body=pieces)
    assert answered.problem == "body-too-large"


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = b'{"title":"a"' + b" " * (1024 * 1024 - 13) + b"}"
    assert len(body) == 1024 * 1024
    assert (await command(body)).status == 201
    assert (await command(body + b" ")).status == 413
