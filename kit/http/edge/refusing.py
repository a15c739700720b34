"""How the edge refuses: with a problem document, whatever was asked for."""

import orjson
from starlette.exceptions import HTTPException
from starlette.types import Message, Send

from kit.errors import Problem
from kit.http.edge.exchange import Outgoing
from kit.http.problems import problem_of


async def respond(problem: Problem, request_id: str, send: Send | Outgoing) -> None:
    """Send a problem document as the whole answer.

    Args:
        problem: what to say.
        request_id: id to put into the document.
        send: ASGI channel.
    """
    body = orjson.dumps(problem.document(request_id), default=str)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    start: Message = {"type": "http.response.start", "status": problem.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def as_problem(error: Exception) -> Problem | None:
    """Return what an exception says to a client; None: nothing, nobody expected it."""
    if isinstance(error, Problem):
        return error
    return problem_of(error) if isinstance(error, HTTPException) else None
