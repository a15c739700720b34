"""The floors of HTTP figures: the same server, sending the same bytes and doing nothing."""

import asyncio
import base64
import os
import sys
from typing import Annotated, Any

import uvloop
from fastapi import FastAPI, Response
from pydantic import Field
from starlette.types import ASGIApp

from events.kinds.article import ARTICLE
from kit.collector import collect_seldom
from kit.http.edge.serving import Listening, door_at, serve
from write_side.entry.bodies import revise_body

_BODY: Any = revise_body(ARTICLE)

CONNECTIONS = 1024
"""More than any bench opens, so that none is cut."""

BODY = base64.b64decode(os.environ.get("FRANKENJET_BENCH_BODY", ""))  # noqa: TID251 - from the bench, to this worker
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
    ],
}
_REST = {"type": "http.response.body", "body": BODY}


async def app(_scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Send the same bytes for everything."""
    await send(_START)
    await send(_REST)


post = FastAPI(openapi_url=None)


@post.patch("/v1/articles/{id}")
async def nothing(id: Annotated[str, Field(max_length=36)], body: _BODY) -> Response:  # noqa: A002
    """Validate the same body and do nothing."""
    return Response(
        b'{"id":"%b","title":"%b"}' % (id.encode(), body.title.encode()), media_type="application/json"
    )


async def _serve(floor: ASGIApp, port: int) -> None:
    collect_seldom()
    place = Listening(floor, door_at("127.0.0.1", port))
    await serve([place], asyncio.Event(), connections=CONNECTIONS, per_address=CONNECTIONS, grace=0.0)


if __name__ == "__main__":
    floors: dict[str, Any] = {"app": app, "post": post}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(floors[sys.argv[1]], int(sys.argv[2])))
