"""The same table over a real server: what the application answers, and what the server answers before it.

granian answers by itself, without a body: 400 for broken framing and two lengths, 414 above 64 KB of target,
431 above 72 KB or 100 headers. It reads a request with both a length and chunks by its chunks and then hangs
up; the application never sees the length.
"""

import time

import pytest

from tests.kit.http.conftest import HEADERS_MS, Server

HOST = b"Host: test\r\n"
JSON = b"Content-Type: application/json\r\n"
GOOD = b'{"title":"a"}'


def get(target: bytes, headers: bytes = HOST) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + headers + b"\r\n"


def post(body: bytes, headers: bytes = HOST + JSON) -> bytes:
    return b"POST /v1/things HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (headers, len(body), body)


def chunked(*pieces: bytes) -> bytes:
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return (
        b"POST /v1/things HTTP/1.1\r\n"
        + HOST
        + JSON
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + sent
        + b"0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (get(b"/v1/things?limit=5"), 200),
        (post(GOOD), 201),
        (chunked(GOOD[:5], GOOD[5:]), 201),
        (get(b"/v1/things?limit=99999999999999999999"), 400),
        (get(b"/v1/things?tag=%FF"), 400),
        (get(b"/v1/things?tag=%00"), 400),
        (get(b"/v1/things/%FF"), 400),
        (get(b"/v1/things/%00"), 404),
        (get(b"/v1/things/%zz"), 400),
        (get(b"/v1/\xd1\x82"), 400),
        (get(b"@evil.example"), 400),
        (get(b"*"), 400),
        (get(b"/" + b"a" * 9_000), 414),
        (get(b"/v1/things", b""), 400),
        (get(b"/v1/things", HOST + HOST), 400),
        (get(b"/v1/things", HOST + b"Authorization: a\r\nAuthorization: b\r\n"), 400),
        (get(b"/v1/things", HOST + b"X: " + b"a" * 20_000 + b"\r\n"), 431),
        (get(b"/v1/things", HOST + b"".join(b"X%d: %s\r\n" % (n, b"a" * 300) for n in range(80))), 431),
        (b"TRACE /v1/things HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (post(GOOD, HOST), 415),
        (post(GOOD, HOST + JSON + b"Content-Encoding: gzip\r\n"), 415),
        (post(b'{"title":"\\u0000"}'), 422),
        (post(b'{"title":"\\ud800"}'), 422),
        (post(b'{"title":NaN}'), 400),
        (post(b'{"title":"a","count":9223372036854775808}'), 422),
        (post(b'{"title":"a","free":' + b"[" * 900 + b"]" * 900 + b"}"), 422),
        (post(b"[" * 100_000 + b"]" * 100_000), 422),
        (post(b'{"title":"' + b"a" * 2_000_000 + b'"}'), 413),
        (chunked(*[b"a" * 65_536] * 32), 413),
        (get(b"/v1/things/broken"), 500),
    ],
)
def test_the_application_answers_with_a_document_of_ours(server: Server, sent: bytes, status: int) -> None:
    answered, came, _ = server.say(sent, linger=0)
    assert answered == status
    assert came.count(b"x-request-id: ") == 1
    if status >= 400:
        assert b"content-type: application/problem+json" in came


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post(GOOD, HOST + JSON + b"Content-Length: 3\r\n"), 400),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: -3\r\n\r\n" + GOOD, 400),
        (get(b"/v1/things", HOST + b"X: a\rb\r\n"), 400),
        (get(b"/v1/things", HOST + b"X: a\x00b\r\n"), 400),
        (get(b"/v1/\xff"), 400),
        (get(b"/" + b"a" * 70_000), 414),
        (get(b"/v1/things", HOST + b"X: " + b"a" * 1_000_000 + b"\r\n"), 431),
        (get(b"/v1/things", HOST + b"".join(b"X%d: 1\r\n" % n for n in range(300))), 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
def test_the_server_refuses_and_hangs_up_before_the_application_is_asked(
    server: Server, sent: bytes, status: int
) -> None:
    answered, came, closed = server.say(sent)
    assert (answered, closed) == (status, True)
    assert b"x-request-id" not in came


def test_a_request_with_a_length_and_chunks_cannot_smuggle_another(server: Server) -> None:
    smuggled = b"0\r\n\r\nGET /v1/things?smuggled=1 HTTP/1.1\r\n" + HOST + b"\r\n"
    head = b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: %d\r\n" % len(smuggled)
    _, came, closed = server.say(head + b"Transfer-Encoding: chunked\r\n\r\n" + smuggled)
    assert closed
    assert came.count(b"HTTP/1.1 ") == 1


def test_a_broken_chunk_is_a_400_and_the_end(server: Server) -> None:
    broken = (
        b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n"
    )
    status, _, closed = server.say(broken)
    assert (status, closed) == (400, True)


def test_what_is_left_of_a_refused_body_is_not_taken_for_a_request(server: Server) -> None:
    body = b"GET /v1/things HTTP/1.1\r\nHost: test\r\n\r\n" * 60_000
    status, came, closed = server.say(post(body))
    assert (status, closed, came.count(b"HTTP/1.1 ")) == (413, True, 1)


@pytest.mark.parametrize(
    ("sent", "status", "limit"),
    [
        (b"GET /v1/things HTTP/1.1\r\nHost: te", 0, HEADERS_MS / 1000 + 2),
        (b"", 0, HEADERS_MS / 1000 + 2),
        (post(GOOD).removesuffix(b'a"}'), 408, 2 + 2),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: 100\r\n\r\n", 408, 2 + 2),
    ],
)
def test_a_request_that_stops_in_the_middle_is_given_up(
    server: Server, sent: bytes, status: int, limit: float
) -> None:
    started = time.monotonic()
    answered, _, closed = server.say(sent, wait=limit + 2)
    assert (answered, closed) == (status, True)
    assert time.monotonic() - started < limit + 1


def test_an_answer_that_breaks_off_does_not_look_whole(server: Server) -> None:
    _, came, closed = server.say(get(b"/v1/things/half"))
    assert closed
    assert not came.endswith(b"0\r\n\r\n")


def test_head_brings_the_headers_of_get(server: Server) -> None:
    _, came, _ = server.say(b"HEAD /v1/things HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert came.endswith(b"\r\n\r\n")
    assert b"content-length: 49\r\n" in came


def test_the_worker_survives_all_of_it(server: Server) -> None:
    for _ in range(20):
        answered, came, _ = server.say(get(b"/v1/things/broken"), linger=0)
        assert (answered, b"secret of the inside" in came) == (500, False)
    assert server.say(get(b"/v1/things"), linger=0)[0] == 200
