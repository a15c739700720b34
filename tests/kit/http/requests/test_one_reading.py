"""What could be read in two ways is refused, and what ends is said."""

import pytest

from kit.http.edge.cors import with_cors
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.requests.query import Query
from tests.kit.http.application import make_api
from tests.kit.http.asking import ask
from tests.kit.http.conftest import Server

HOST = b"Host: test\r\n"
JSON = b"Content-Type: application/json\r\n"
api = make_api()
app = Edge(api, metrics=Metrics())


@pytest.mark.parametrize(
    "path", ["/v1/things%0a", "/v1/things%0A", "/v1/%0dthings", "/v1/things/%09", "/%7f"]
)
async def test_no_path_of_ours_has_a_control_character(path: str) -> None:
    assert "not-found" == (await ask(app, "GET", path)).problem


@pytest.mark.parametrize(
    "number", ["1_0", "%2B1", "01", "1.0", "%201", "1%20", "1e1", "%EF%BC%91", "-0", "0x1", "-1"]
)
async def test_a_number_has_one_spelling(number: str) -> None:
    assert "invalid-parameter" == (await ask(app, "GET", f"/v1/things?limit={number}")).problem
    assert "invalid-parameter" == (await ask(app, "GET", f"/v1/things/diff?from={number}&to=1")).problem
    assert 200 == (await ask(app, "GET", "/v1/things?limit=10&after=0")).status


def test_a_number_that_would_have_several_cannot_be_declared() -> None:
    from typing import Annotated

    from pydantic import Field

    with pytest.raises(TypeError, match=r"Pages\.page needs .* to be read plainly"):

        class Pages(Query):
            page: Annotated[int, Field(ge=1, le=9)] = 1


@pytest.mark.parametrize(
    "encodings", [["gzip, chunked"], ["gzip", "chunked"], ["chunked, chunked"], ["identity"], ["x"]]
)
async def test_an_encoding_that_is_not_known_is_said_to_be_so(encodings: list[str]) -> None:
    headers = [("content-type", "application/json"), *(("transfer-encoding", one) for one in encodings)]
    answered = await ask(app, "POST", "/v1/things", headers=headers)
    assert (501, "not-implemented") == (answered.status, answered.problem)


@pytest.mark.parametrize("method", ["A" * 21, "A" * 400_000])
async def test_a_method_that_is_no_word_is_not_looked_at(method: str) -> None:
    answered = await ask(app, method, "/v1/things")
    assert (501, "not-implemented") == (answered.status, answered.problem)
    assert "method-not-allowed" == (await ask(app, "A" * 20, "/v1/things")).problem


@pytest.mark.parametrize(
    ("sent", "closes"),
    [
        (b"GET /v1/things HTTP/1.1\r\n" + HOST + b"\r\n", False),
        (b"GET /v1/nothing HTTP/1.1\r\n" + HOST + b"\r\n", False),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b'Content-Length: 13\r\n\r\n{"title":"a"}', False),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + b'Content-Length: 900000\r\n\r\n{"title":', True),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: 9000000\r\n\r\n{", True),
        (b"POST /v1/nothing HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: 90\r\n\r\n{", True),
        (b"POST /v1/things HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", True),
        (b"A" * 21 + b" /v1/things HTTP/1.1\r\n" + HOST + b"\r\n", True),
    ],
)
def test_a_connection_that_ends_says_so_and_no_other_does(
    server: Server, sent: bytes, *, closes: bool
) -> None:
    _, came, closed = server.say(sent)
    assert (closes, closes) == (closed, b"\r\nconnection: close\r\n" in came.lower())


@pytest.mark.parametrize("host", ["example.org", "EXAMPLE.org:8443", "example.org.", "[::1]:80"])
async def test_a_host_that_is_served_here_is_served(host: str) -> None:
    own = Edge(api, metrics=Metrics(), hosts=["example.org", "[::1]"])
    assert 200 == (await ask(own, "GET", "/v1/things", host=host)).status


@pytest.mark.parametrize(
    "host", ["example.com", "example.org.evil", "evil@example.org", "", "example.org:80:80"]
)
async def test_another_is_not(host: str) -> None:
    own = Edge(api, metrics=Metrics(), hosts=["example.org"])
    assert "bad-request" == (await ask(own, "GET", "/v1/things", host=host)).problem


@pytest.mark.parametrize(
    ("origin", "method", "header"),
    [
        ("https://evil.example", "GET", "if-match"),
        ("https://example.org", "TRACE", "if-match"),
        ("https://example.org", "GET", "x-odd"),
    ],
)
async def test_a_page_that_may_not_call_is_told_so_in_a_document(
    origin: str, method: str, header: str
) -> None:
    own = Edge(api, metrics=Metrics(), origins=["https://example.org"])
    headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", header),
    ]
    answered = await ask(own, "OPTIONS", "/v1/things", headers=headers)
    assert (400, "cors-refused") == (answered.status, answered.problem)
    allowed = origin if origin == "https://example.org" else None
    assert allowed == answered.header("access-control-allow-origin")


def test_an_origin_that_stands_for_all_is_no_origin() -> None:
    with pytest.raises(ValueError, match="neither"):
        with_cors(api, ["*"])
