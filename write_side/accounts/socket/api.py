"""A socket, a stream of events for those who cannot open one, and the tickets to open one with."""

import asyncio
from functools import partial
from typing import Any

import orjson
from fastapi import Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from kit.auth.identity import Caller
from kit.auth.own_page import refuse_foreign
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.edge.refusing import respond
from kit.http.edge.streams import event_stream
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.problem_types import ACCOUNTS_UNAVAILABLE, FORBIDDEN, FOREIGN_ORIGIN
from kit.running.ending import end
from write_side.accounts.api.answers import account_route, private, work_of
from write_side.accounts.problem_types import TICKET_INVALID, TOO_MANY_LISTENERS
from write_side.accounts.socket.listeners import Listener, Listeners, Notice
from write_side.accounts.socket.tickets import SECONDS, make_ticket, use_ticket

SESSION_ENDED, COME_AGAIN, NOTHING_IS_TAKEN = 4401, 1013, 1008
"""Codes of a close."""

_PEOPLE = "This is for people who have signed in."


class Ticket(Described):
    """What a socket is opened with, once."""

    model_config = example(
        {"ticket": "fjt_0T1x7qf0cXlW3m9mZb5bq3o8v6w2y4k1n0p9r8s7t6u", "expires_in": SECONDS}
    )

    ticket: str
    """Goes into the address: /v1/me/socket?ticket=…"""
    expires_in: int
    """Seconds."""


async def ticket(who: Caller, request: Request) -> Response:
    """Return a ticket that opens `/v1/me/socket?ticket=…` once, within half a minute."""
    if who.client == "bot":
        raise Problem(FORBIDDEN, _PEOPLE)
    async with work_of(request).transaction() as connection:
        made = await make_ticket(connection, who.session)
    return private(Ticket(ticket=made, expires_in=SECONDS), 201)


async def events(who: Caller, request: Request) -> StreamingResponse:
    """Follow what concerns you: your session ended and why, a submission was returned, an import ended."""
    if who.client == "bot":
        raise Problem(FORBIDDEN, _PEOPLE)
    refuse_foreign(request.scope["headers"])
    return await event_stream(_pieces(_listeners(request.app), who))


async def _pieces(found: Listeners, who: Any) -> Any:
    with found.listening(who.account, who.session) as listener:
        yield b"retry: 5000\n\n"
        last = False
        while not last:
            message = await listener.next()
            last = message.last
            yield _as_event(message)


def _as_event(message: Notice) -> bytes:
    if message.event == "alive":
        return b": alive\n\n"
    return b"event: %b\ndata: %b\n\n" % (message.event.encode(), orjson.dumps(message.facts))


async def socket(connection: WebSocket) -> None:
    """Speak with a client that came with a ticket."""
    try:
        found = connection.query_params.getlist("ticket")
        if len(found) != 1 or len(connection.query_params) != 1:
            raise Problem(TICKET_INVALID)  # noqa: TRY301 - answered like what is found out below
        async with connection.app.state.accounts.transaction() as database:
            who = await use_ticket(database, found[0])
        if who is None:
            raise Problem(TICKET_INVALID)  # noqa: TRY301 - the same
        with _listeners(connection.app).listening(who.account, who.session) as listener:
            await connection.accept()
            await _speak(connection, listener)
    except Problem as problem:
        await respond(problem, connection.state.request_id, partial(_in_place, connection))


async def _in_place(connection: WebSocket, message: Message) -> None:
    """Send a part of an answer in place of the connection."""
    await connection.send({**message, "type": f"websocket.{message['type']}"})


async def _speak(connection: WebSocket, listener: Listener) -> None:
    """Say what there is to hear until the end, or until the client goes or says something itself."""
    speaking = asyncio.ensure_future(_say(connection, listener))
    hearing = asyncio.ensure_future(connection.receive())
    try:
        await asyncio.wait({speaking, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(speaking, hearing)  # the server closes nothing while somebody still hears
    if not hearing.cancelled() and hearing.result()["type"] == "websocket.disconnect":
        return
    code, why = (NOTHING_IS_TAKEN, "Nothing is taken here.") if speaking.cancelled() else speaking.result()
    await connection.close(code, why)


async def _say(connection: WebSocket, listener: Listener) -> tuple[int, str]:
    """Say what there is to hear, and return how it is to be closed after the last of it."""
    while True:
        message = await listener.next()
        await connection.send_text(orjson.dumps({"event": message.event, **message.facts}).decode())
        if message.last:
            code = SESSION_ENDED if message.event == "session-ended" else COME_AGAIN
            return code, message.facts.get("why", "")


def _listeners(app: Any) -> Listeners:
    found: Listeners = app.state.listeners
    return found


def _events_route() -> Rest:
    shown = 'event: session-ended\ndata: {"why":"signed-out"}\n\n'
    told = {"text/event-stream": {"schema": {"type": "string"}, "example": shown}}
    refused = refusals((FORBIDDEN, FOREIGN_ORIGIN, TOO_MANY_LISTENERS, ACCOUNTS_UNAVAILABLE))
    return partial(
        StrictRoute,
        endpoint=events,
        tags=["me"],
        summary="Follow what concerns you",
        operation_id="follow_my_events",
        response_class=Response,
        responses={200: {"description": "Events, for as long as the session lasts.", "content": told}}
        | refused,
    )


SOCKET_ROUTES = (
    account_route(
        "POST /v1/me/socket-tickets",
        ticket,
        tag="me",
        summary="Get a ticket for a socket",
        name="make_socket_ticket",
        told={201: {"model": Ticket, "description": "It can be used once."}},
        refuses=(FORBIDDEN,),
        status=201,
    ),
    DeferredRoute("GET", "/v1/me/events", _events_route),
    WebSocketRoute("/v1/me/socket", socket),
)
