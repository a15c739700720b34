"""Pages, forms and files: a small application with one of each, attacked as the JSON routes are."""

from collections.abc import Sequence
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import Field
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from kit.errors import Problem
from kit.http.edge.layer import MAX_BODY, Edge
from kit.http.edge.metrics import Metrics
from kit.http.pages import Nonce, Policy, pages
from kit.http.problems import install
from kit.http.requests.body import StrictRoute, largest_room
from kit.http.requests.forms import MOST_FIELDS, Form
from kit.http.requests.text import CleanLine, plainly
from kit.http.requests.uploads import Incoming, Upload
from kit.problem_types import NOT_FOUND
from tests.kit.http.asking import Answered, ask

LIMIT = 3 * MAX_BODY
PIECE = b"x" * 65_536

shown = APIRouter(route_class=pages(Policy(styles="'self'", forms="'self'")))
taken = APIRouter(route_class=StrictRoute)
counted: list[int] = []


class Letter(Form):
    title: Annotated[CleanLine, Field(min_length=1, max_length=100)]
    copies: Annotated[int, Field(ge=1, le=9), plainly] = 1
    tags: Annotated[list[CleanLine], Field(max_length=3, default_factory=list)]


@shown.get("/page")
async def page(nonce: Nonce, broken: CleanLine = "") -> Response:
    if broken:
        raise Problem(NOT_FOUND)
    return HTMLResponse(f'<script nonce="{nonce}">1</script>')


@shown.post("/page")
async def posted(body: Letter) -> Response:
    return HTMLResponse(f"{body.title}|{body.copies}|{','.join(body.tags)}")


@taken.put("/file")
async def put(file: Annotated[Incoming, Depends(Upload(LIMIT, {"image/png"}))]) -> dict[str, int]:
    counted.clear()
    counted.extend([len(piece) async for piece in file])
    return {"size": file.size}


@taken.get("/nothing")
async def nothing() -> dict[str, int]:
    return {}


def make() -> FastAPI:
    made = FastAPI(redirect_slashes=False)
    install(made)
    for router in (shown, taken):
        made.router.routes.extend(router.routes)
    return made


api = make()
app = Edge(api, metrics=Metrics(), max_body=max(largest_room(api.routes), LIMIT))

FORM = ("content-type", "application/x-www-form-urlencoded")


async def post(body: bytes, *headers: tuple[str, str]) -> Answered:
    return await ask(app, "POST", "/page", headers=headers or [FORM], body=body)


async def test_a_page_has_the_policy_of_its_route_and_a_nonce_of_its_own() -> None:
    first, second = [await ask(app, "GET", "/page") for _ in range(2)]
    policy = first.header("content-security-policy") or ""
    nonce = first.body.decode().split('"')[1]
    assert policy == (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"script-src 'nonce-{nonce}'; style-src 'self'"
    )
    assert first.header("content-type") == "text/html; charset=utf-8"
    assert first.header("cache-control") == "no-store"
    assert first.body != second.body


@pytest.mark.parametrize(
    "target", ["/page?unknown=1", "/page?broken=a&broken=b", "/page?broken=1", "/nothing"]
)
async def test_what_is_no_page_may_load_nothing(target: str) -> None:
    answer = await ask(app, "GET", target)
    assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
    assert answer.status == (200 if target == "/nothing" else 404 if target == "/page?broken=1" else 400)


async def test_a_form_is_read() -> None:
    answer = await post(
        "title=Ан-2+%26+more&copies=2&tags=a&tags=b".encode().replace("Ан".encode(), b"%D0%90")
    )
    assert (answer.status, answer.body) == (200, "А-2 & more|2|a,b".encode())
    both = await post(b"title=a", ("content-type", f"{FORM[1]}; charset=UTF-8"))
    assert both.body == b"a|1|"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"title=a&titel=b", 422, "invalid-body"),
        (b"title=a&title=a", 422, "invalid-body"),
        (b"title=a&tags=1&tags=2&tags=3&tags=4", 422, "invalid-body"),
        (b"title=", 422, "invalid-body"),
        (b"copies=1", 422, "invalid-body"),
        (b"title=a&copies=01", 422, "invalid-body"),
        (b"title=a&copies=1e0", 422, "invalid-body"),
        (b"title=a&copies=99999999999999999999", 422, "invalid-body"),
        (b"title=%00", 422, "invalid-body"),
        (b"title=%0A", 422, "invalid-body"),
        (b"title=%ED%A0%80", 400, "invalid-form"),
        (b"title=%FF", 400, "invalid-form"),
        (b"title=%zz", 400, "invalid-form"),
        (b"title=\xd0\x90", 400, "invalid-form"),
        (b"title", 400, "invalid-form"),
        (b"title=a&&tags=b", 400, "invalid-form"),
        (b"title=a;copies=2", 400, "invalid-form"),
        (b"&".join([b"tags=a"] * (MOST_FIELDS + 1)), 400, "invalid-form"),
        (b"title=" + b"a" * 2 * MAX_BODY, 413, "body-too-large"),
        (b'{"title":"a"}', 400, "invalid-form"),
    ],
)
async def test_a_bad_form_is_refused(body: bytes, status: int, kind: str) -> None:
    answer = await post(body)
    assert (answer.status, answer.problem) == (status, kind)
    assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("content-type", "application/json")], 415),
        ([("content-type", "multipart/form-data; boundary=a")], 415),
        ([("content-type", f"{FORM[1]}; charset=utf-16")], 415),
        ([FORM, ("content-encoding", "gzip")], 415),
        ([FORM, FORM], 400),
        ([FORM, ("origin", "https://evil.example")], 403),
        ([FORM, ("origin", "null")], 403),
        ([FORM, ("origin", "http://test")], 200),
        ([FORM, ("sec-fetch-site", "cross-site")], 403),
        ([FORM, ("sec-fetch-site", "same-site")], 403),
        ([FORM, ("sec-fetch-site", "same-origin")], 200),
    ],
)
async def test_a_form_says_that_it_is_one_and_comes_from_here(
    headers: Sequence[tuple[str, str]], status: int
) -> None:
    assert (await post(b"title=a", *headers)).status == status


PNG = ("content-type", "image/png")


async def test_a_file_comes_in_pieces_and_may_be_larger_than_any_other_body() -> None:
    answer = await ask(app, "PUT", "/file", headers=[PNG], body=[PIECE] * 40)
    assert (answer.status, answer.json) == (200, {"size": 40 * len(PIECE)})
    assert counted == [len(PIECE)] * 40


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ([], b"x", 415),
        ([("content-type", "image/svg+xml")], b"x", 415),
        ([PNG, ("content-encoding", "gzip")], b"x", 415),
        ([PNG, PNG], b"x", 400),
        ([PNG, ("content-length", str(LIMIT + 1))], b"x", 413),
        ([PNG, ("content-length", "9" * 30)], b"x", 413),
        ([PNG, ("content-length", "x")], b"x", 400),
        ([PNG], [PIECE] * 49, 413),
    ],
)
async def test_a_bad_file_is_refused(
    headers: Sequence[tuple[str, str]], body: bytes | Sequence[bytes], status: int
) -> None:
    assert (await ask(app, "PUT", "/file", headers=headers, body=body)).status == status


async def test_what_is_too_much_of_a_file_is_not_read() -> None:
    read = 0

    async def through(scope: Scope, _receive: Receive, send: Send) -> None:
        async def endless() -> Message:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": PIECE, "more_body": True}

        await app(scope, endless, send)

    answer = await ask(through, "PUT", "/file", headers=[PNG], body=[b"x"])
    assert (answer.status, answer.header("connection")) == (413, "close")
    assert read == LIMIT // len(PIECE) + 1


async def test_a_json_route_beside_it_takes_no_more_than_before() -> None:
    answer = await post(b"title=" + b"a" * (LIMIT - 10))
    assert answer.status == 413


def test_they_are_described() -> None:
    paths = api.openapi()["paths"]
    assert list(paths["/page"]["post"]["requestBody"]["content"]) == [FORM[1]]
    assert list(paths["/page"]["get"]["responses"]["200"]["content"]) == ["text/html"]
    assert paths["/file"]["put"]["requestBody"]["content"]["image/png"]["schema"]["maxLength"] == LIMIT
