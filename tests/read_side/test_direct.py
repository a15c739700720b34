"""Reads that go straight to their routes: answered as the framework answers them, without it."""

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.http import problems
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from read_side.answers.direct import Direct
from read_side.main import ReadSide
from tests.projections.lives import Article
from tests.read_side.site import Site

ASKED = (
    "/v1/articles/tu-144", "/v1/articles/tu-144?fields=title", "/v1/articles/nothing", "/v1/articles/a%20b",
    "/v1/articles/tu-144?unknown=1", "/v1/articles/tu-144?after=x", "/v1/articles/tu-144?after=900",
    "/v1/articles", "/v1/articles?limit=0", "/v1/articles?limit=1&limit=2", "/v1/articles/",
    "/v1/articles/a/b",
)  # fmt: skip


async def unreachable(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("the framework was asked")


def client(edge: Edge) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=edge), base_url="http://test")


def framework(read: ReadSide) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.router.routes.extend(read.routes)
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_what_goes_straight_is_answered_as_by_the_framework(here: Site, method: str) -> None:
    Article(here.log, "tu-144", title="Tu-144").publish()
    await here.shown()
    app = framework(here.read)
    said: list[list[object]] = [[], []]
    layers: list[ASGIApp] = [app, Direct(app, here.read.routes)]
    for found, inside in zip(said, layers, strict=True):
        async with client(Edge(inside, metrics=Metrics())) as asking:
            for path in ASKED:
                answer = await asking.request(method, path, headers={"x-request-id": "the-same-one"})
                found.append((path, answer.status_code, sorted(answer.headers.items()), answer.content))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/articles/tu-144", 200),
        ("/v1/articles", 200),
        ("/v1/articles/nothing", 404),
        ("/v1/articles?limit=0", 400),
        ("/v1/articles/a/b", 500),
    ],
)
async def test_the_framework_is_asked_for_nothing_that_goes_straight(
    here: Site, path: str, status: int
) -> None:
    Article(here.log, "tu-144", title="Tu-144").publish()
    await here.shown()
    metrics = Metrics()
    async with client(Edge(here.read.wrap(unreachable), metrics=metrics)) as asking:
        assert status == (await asking.get(path)).status_code
