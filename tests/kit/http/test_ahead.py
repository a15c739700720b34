"""A command that goes past the framework is answered as the framework would answer it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from pydantic import StringConstraints
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from kit.errors import Problem
from kit.http.ahead import Ahead
from kit.http.problems import install
from kit.http.requests.body import Body, StrictRoute
from kit.problem_types import NOT_FOUND


class Letter(Body):
    text: Annotated[str, StringConstraints(max_length=5)]
    copies: int = 1


async def known(id: Annotated[str, Path()]) -> int:  # noqa: A002 - the name in the path
    if not id.isdecimal():
        raise Problem(NOT_FOUND, "Nobody.")
    return int(id)


class Sender:
    async def __call__(self, request: Request) -> str:
        return request.headers.get("from", "nobody")


By = Annotated[str, Depends(Sender())]

routes = APIRouter(prefix="/letters", route_class=StrictRoute)


@routes.post("/{id}", status_code=201)
async def send(by: By, to: Annotated[int, Depends(known)], body: Letter, request: Request) -> Response:
    raw = await request.body()
    return Response(f"{by} {to} {body.text} {body.copies} {len(raw)} {request.app.title}", 201)


@routes.delete("/{id}")
async def burn(to: Annotated[int, Depends(known)], body: Letter | None = None) -> Response:
    return Response(f"{to} {'unread' if body is None else body.text}")


@routes.put("/{id}/seal")
async def seal(_to: Annotated[int, Depends(known)]) -> Response:
    raise HTTPException(409)


@routes.put("/{id}/stamp")
async def stamp(to: Annotated[int, Depends(known)], value: Annotated[int, Query()] = 1) -> Response:
    return Response(f"{to} {value}")


def application() -> FastAPI:
    app = FastAPI(title="Post", redirect_slashes=False)
    install(app)
    app.router.routes.extend(routes.routes)
    return app


@asynccontextmanager
async def client_of(app: ASGIApp) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        yield client


JSON = {"Content-Type": "application/json"}

ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/letters/7", {"json": {"text": "hello"}, "headers": {"From": "Ada"}}),
    ("POST", "/letters/7", {"json": {"text": "hello", "copies": 2}}),
    ("POST", "/letters/7", {"json": {"text": "longer", "copies": "two", "more": 1}}),
    ("POST", "/letters/7", {"json": None}),
    ("POST", "/letters/7", {"json": []}),
    ("POST", "/letters/7", {}),
    ("POST", "/letters/7", {"content": b"{", "headers": JSON}),
    ("POST", "/letters/7", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
    ("POST", "/letters/Ada", {"json": {"text": "hello"}}),
    ("POST", "/letters/%D0%90", {"json": {"text": "hello"}}),
    ("POST", "/letters/7?copy=1", {"json": {"text": "hello"}}),
    ("DELETE", "/letters/7", {}),
    ("DELETE", "/letters/7", {"content": b'{"text": "hello"}', "headers": JSON}),
    ("DELETE", "/letters/7", {"content": b"null", "headers": JSON}),
    ("PUT", "/letters/7/seal", {}),
    ("PUT", "/letters/7/stamp?value=2", {}),
    ("PUT", "/letters/7", {}),
    ("PUT", "/letters/7/", {}),
    ("GET", "/letters/7/seal", {}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "more"), ASKED)
async def test_a_command_is_answered_as_the_framework_answers(
    method: str, path: str, more: dict[str, Any]
) -> None:
    app = application()
    found = []
    for one in (app, Ahead(app, app.routes)):
        async with client_of(one) as client:
            answer = await client.request(method, path, **more)
            found.append((answer.status_code, dict(answer.headers), answer.content))
    assert found[0] == found[1]


def test_a_route_that_asks_the_framework_for_more_is_left_to_it() -> None:
    found = {one.path: one.needs_no_framework for one in routes.routes if isinstance(one, StrictRoute)}
    assert found == {"/letters/{id}": True, "/letters/{id}/seal": True, "/letters/{id}/stamp": False}


async def test_the_framework_is_not_asked() -> None:
    app = application()
    layer = Ahead(app, app.routes)
    app.router.routes.clear()
    async with client_of(layer) as client:
        answer = await client.post("/letters/7", json={"text": "hello"}, headers={"From": "Ada"})
    assert (201, "Ada 7 hello 1 16 Post") == (answer.status_code, answer.text)
