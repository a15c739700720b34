"""A small application with everything that the edge has to protect: commands, queries, failures, streams."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi import Query as QueryParameter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kit.http.edge.access import AccessLog
from kit.http.edge.direct import direct_send
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics, exposition
from kit.http.edge.streams import LongAnswers
from kit.http.problems import install
from kit.http.requests.body import Body, StrictRoute
from kit.http.requests.conditions import Edited, IdempotencyKey, if_match_header
from kit.http.requests.query import Limit, Position, Query, Word
from kit.http.requests.text import CleanLine, CleanText, Id, Moment, Version

metrics = Metrics()
streams = LongAnswers(per_address=4, send_seconds=1.5)

LARGE = bytes(range(256)) * 6_000
"""As large as the viewer of the documentation."""

SHOWN = frozenset({"after", "limit", "sort", "tag"})
"""Parameters whose values may be logged."""

router = APIRouter(prefix="/v1/things", route_class=StrictRoute)


IfMatch = Annotated[int, Depends(if_match_header(Edited(), "Which version was edited."))]


class Source(Body):
    title: Annotated[CleanLine, Field(min_length=1, max_length=100)]
    year: Annotated[int, Field(ge=1, le=2100)] | None = None


class MakeThing(Body):
    title: Annotated[CleanLine, Field(min_length=1, max_length=300)]
    text: Annotated[CleanText, Field(max_length=1000)] = ""
    locale: Literal["ru", "en"] = "en"
    count: Annotated[int, Field(ge=0, le=1000)] | None = None
    share: float | None = None
    public: bool = False
    subject: Id | None = None
    at: Moment | None = None
    sources: Annotated[list[Source], Field(max_length=1000, default_factory=list)]
    free: dict[str, Any] | None = None


class Reason(Body):
    reason: CleanLine = ""


class Things(Query):
    limit: Limit = 20
    after: Position | None = None
    tag: Annotated[list[Word], Field(default_factory=list)]
    sort: Literal["title", "-title"] = "title"


@router.post("", status_code=201)
async def make(command: MakeThing, key: IdempotencyKey) -> dict[str, Any]:
    return {"title": command.title, "at": command.at, "key": key}


@router.patch("/{id}")
async def revise(id: Id, command: MakeThing, version: IfMatch) -> dict[str, Any]:  # noqa: A002
    return {"id": str(id), "version": version, "title": command.title}


@router.delete("/{id}/publication")
async def unpublish(id: Id, command: Reason | None = None) -> dict[str, Any]:  # noqa: A002
    return {"id": str(id), "reason": command.reason if command else None}


@router.get("")
async def things(query: Annotated[Things, QueryParameter()]) -> dict[str, Any]:
    return query.model_dump()


@router.get("/diff")
async def difference(before: Annotated[Version, QueryParameter(alias="from")], to: Version) -> dict[str, int]:
    return {"from": before, "to": to}


@router.get("/broken")
async def broken() -> None:
    raise RuntimeError("a secret of the inside")


@router.get("/large")
async def large() -> Response:
    return Response(LARGE)


@router.get("/half")
async def half() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"the first half"
        raise RuntimeError("a secret of the inside")

    return StreamingResponse(pieces())


@router.get("/endless")
async def endless(request: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        while not await request.is_disconnected():
            yield b"more"

    return StreamingResponse(pieces())


@router.get("/events")
async def events() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"data: something\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(pieces(), media_type="text/event-stream")


@router.get("/flood")
async def flood() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"data: " + b"x" * 160_000 + b"\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@router.get("/direct")
async def direct(request: Request) -> StreamingResponse:
    """Send small pieces past the task of the stream, and one by it whenever the server takes no more."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"data: 0\n\n"
        way, number = direct_send(request.scope), 0
        assert way is not None
        while True:
            await asyncio.sleep(0)
            number += 1
            piece = b"data: %d%b\n\n" % (number, b" " * 10_000)
            unsent = way.push({"type": "http.response.body", "body": piece, "more_body": True})
            if unsent is not None:
                await way.finish(unsent)
                number += 1
                yield b"data: %d\n\n" % number

    return StreamingResponse(pieces(), media_type="text/event-stream")


@router.get("/sender")
async def sender(request: Request) -> dict[str, str | None]:
    return {name: request.headers.get(name) for name in ("x-forwarded-for", "forwarded")}


@router.get("/figures")
async def figures() -> Response:
    return Response(exposition(streams) + exposition(metrics))


@router.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_text(f"{socket.state.request_id} {await socket.receive_text()}")


@router.websocket("/poured")
async def poured(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_bytes(bytes(65_536))


@router.websocket("/slow")
async def slow(socket: WebSocket) -> None:
    await socket.accept()
    raise TimeoutError


@router.get("/{id}")
async def thing(id: Id) -> dict[str, str]:  # noqa: A002
    return {"id": str(id)}


def make_api() -> FastAPI:
    """Return the application without the edge."""
    made = FastAPI(redirect_slashes=False)
    install(made)
    made.include_router(router)
    return made


api = make_api()
edge = Edge(
    api,
    metrics=metrics,
    streams=streams,
    log=AccessLog(sys.stdout.buffer, shown=SHOWN),
    origins=["https://friend.example"],
    body_seconds=2,
)
"""What a real server serves in the tests."""
