"""The floors of HTTP figures: the same server, sending the same bytes and doing nothing."""

import base64
import os
from typing import Annotated, Any

from fastapi import FastAPI, Response
from pydantic import Field

from write_side.article.commands import ReviseArticle

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


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send the same bytes for everything."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send(_START)
    await send(_REST)


post = FastAPI(openapi_url=None)


@post.patch("/v1/articles/{id}")
async def nothing(id: Annotated[str, Field(max_length=36)], body: ReviseArticle) -> Response:  # noqa: A002
    """Validate the same body and do nothing."""
    return Response(
        b'{"id":"%b","title":"%b"}' % (id.encode(), body.title.encode()), media_type="application/json"
    )
