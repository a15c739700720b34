"""Routes of webhooks: an account for itself, with its own rights; administrators for any."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import Query as FromQuery
from fastapi import Request, Response
from pydantic import Field

from kit.auth.identity import Caller, ProvenCaller
from kit.auth.roles import Role
from kit.errors import Problem
from kit.forms.event_names import unknown_names
from kit.http.requests.query import Query
from kit.http.requests.text import Id, plainly
from kit.limits.catalog import WEBHOOK
from kit.outgoing.connecting import looked_up
from kit.outgoing.public import address_of
from kit.outgoing.targets import NotAsked, require_allowed, target_of
from kit.problem_types import FORBIDDEN, INVALID_BODY, NOT_FOUND
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.factors.second import require_shown
from write_side.accounts.locks import hold
from write_side.accounts.problem_types import ACCOUNT_DISABLED
from write_side.bus import Bus
from write_side.webhooks.bodies import (
    LAST,
    ChangedWebhook,
    NewReplay,
    ShownAttempt,
    ShownAttempts,
    ShownDeadLetter,
    ShownDeadLetters,
    ShownSecret,
    ShownWebhook,
    ShownWebhooks,
    WantedReplay,
    WantedSecret,
    WantedWebhook,
)
from write_side.webhooks.endpoints import change, pause, register, remove, resume, rotate
from write_side.webhooks.looking import attempts, dead_letters, want_again, webhook, webhooks
from write_side.webhooks.problem_types import (
    INVALID_TARGET,
    STILL_TO_COME,
    TOO_MANY_REPLAYS,
    TOO_MANY_WEBHOOKS,
)

LOOK_UP_SECONDS = 2.0
"""That the look-up of a name may take before it is kept; each request looks it up again anyway."""


class WebhooksQuery(Query):
    """Which webhooks."""

    everybody: bool = Field(default=False, description="Those of all accounts; for administrators.")
    after: Id | None = Field(default=None, description="Those behind this one, of more than a hundred.")


class AttemptsQuery(Query):
    """Which tries."""

    before: Annotated[int, Field(ge=1, le=LAST), plainly] | None = None


class DeadLettersQuery(Query):
    """Which events that were given up."""

    after: Annotated[int, Field(ge=0, le=LAST), plainly] = 0


async def register_webhook(who: ProvenCaller, request: Request, body: WantedWebhook) -> Response:
    """Have what happens sent to an address. Its secret is told this once."""
    _require_known(request, body)
    await _require_target(request, body.url)
    async with work_of(request).transaction() as connection:
        await hold(connection, who.account)
        await require_shown(connection, who.account, who.session)
        made = await register(connection, who, body)
    return private(ShownSecret(**made._asdict()), 201)


async def change_webhook(id: Id, who: ProvenCaller, request: Request, body: ChangedWebhook) -> Response:  # noqa: A002 - the name in the path
    """Change where to and which events are sent; what is left out is as for a new one."""
    _require_known(request, body)
    await _require_target(request, body.url)
    async with work_of(request).transaction() as connection:
        await hold(connection, who.account)
        await require_shown(connection, who.account, who.session)
        await change(connection, who, id, body)
    return private(None, 204)


async def change_secret(id: Id, who: ProvenCaller, request: Request, body: WantedSecret) -> Response:  # noqa: A002 - the name in the path
    """Make another secret, told this once. For a while requests are signed with the one before as well."""
    async with work_of(request).transaction() as connection:
        await hold(connection, who.account)
        await require_shown(connection, who.account, who.session)
        made = await rotate(connection, who, id, timedelta(hours=body.overlap_hours))
    return private(ShownSecret(**made._asdict()), 201)


async def pause_webhook(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Send nothing until it is resumed; nothing is lost meanwhile."""
    async with work_of(request).transaction() as connection:
        await pause(connection, who, id)
    return private(None, 204)


async def resume_webhook(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Go on where it stopped, whatever stopped it, and try at once."""
    async with work_of(request).transaction() as connection:
        await resume(connection, who, id)
    return private(None, 204)


async def remove_webhook(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Remove it, with its tries and dead letters."""
    async with work_of(request).transaction() as connection:
        await remove(connection, who, id)
    return private(None, 204)


async def replay_webhook(id: Id, who: Caller, request: Request, body: WantedReplay) -> Response:  # noqa: A002 - the name in the path
    """Have one event, or all that was chosen of a range, sent once more, ahead of what is new."""
    async with work_of(request).transaction() as connection:
        made = await want_again(connection, who, id, body)
    return private(NewReplay(**made._asdict()), 202)


async def list_webhooks(
    who: Caller, request: Request, query: Annotated[WebhooksQuery, FromQuery()]
) -> Response:
    """Read your webhooks, a hundred at a time; administrators those of everybody, too."""
    if query.everybody and Role.ADMIN not in who.roles:
        raise Problem(FORBIDDEN, "Only an administrator sees the webhooks of others.")
    async with work_of(request).transaction() as connection:
        rows = await webhooks(connection, None if query.everybody else who.account, query.after)
    return private(ShownWebhooks(items=[ShownWebhook(**row) for row in rows]))


async def read_webhook(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Read how a webhook does."""
    async with work_of(request).transaction() as connection:
        row = await webhook(connection, who, id)
    return private(ShownWebhook(**row))


async def list_attempts(
    id: Id,  # noqa: A002 - the name in the path
    who: Caller,
    request: Request,
    query: Annotated[AttemptsQuery, FromQuery()],
) -> Response:
    """Read what was tried, newest first, a hundred at a time; a thousand tries of 30 days are kept."""
    async with work_of(request).transaction() as connection:
        rows = await attempts(connection, who, id, query.before)
    return private(ShownAttempts(items=[ShownAttempt(**row) for row in rows]))


async def list_dead_letters(
    id: Id,  # noqa: A002 - the name in the path
    who: Caller,
    request: Request,
    query: Annotated[DeadLettersQuery, FromQuery()],
) -> Response:
    """Read which events were given up, in their order, a hundred at a time."""
    async with work_of(request).transaction() as connection:
        rows = await dead_letters(connection, who, id, query.after)
    return private(ShownDeadLetters(items=[ShownDeadLetter(**row) for row in rows]))


def _require_known(request: Request, body: ChangedWebhook) -> None:
    """Refuse a kind or type that no event has: nothing would ever be sent.

    Raises:
        Problem: 422.
    """
    bus: Bus = request.app.state.bus
    unknown = unknown_names(bus.codec.classes, body.kind, body.type)
    if errors := [{"pointer": f"/{one.chosen_by}/{one.at}", "detail": one.detail} for one in unknown]:
        raise Problem(INVALID_BODY, errors=errors)


async def _require_target(request: Request, url: str) -> None:
    """Refuse an address that leads inwards as far as it is known now, before a transaction begins.

    Raises:
        Problem: 422.
    """
    loopback = work_of(request).settings.webhooks_loopback
    try:
        target = target_of(url, loopback=loopback)
        with suppress(OSError, TimeoutError):  # one that is not known now may be when it is sent to
            async with asyncio.timeout(LOOK_UP_SECONDS):
                found = await looked_up(target.host.decode("ascii"), target.port)
            for one in found:
                address = address_of(one)
                if address is not None:
                    require_allowed(address, loopback=loopback)
    except NotAsked as error:
        raise Problem(INVALID_TARGET, errors=[{"pointer": "/url", "detail": str(error)}]) from error


# fmt: off
WEBHOOK_ROUTES = (
    account_route("POST /v1/webhooks", register_webhook, tag="webhooks", summary="Register a webhook",
                  name="register_webhook",
                  told={201: {"model": ShownSecret, "description": "Its secret is told this once."}},
                  refuses=(INVALID_TARGET, TOO_MANY_WEBHOOKS, NOT_FOUND, ACCOUNT_DISABLED), status=201,
                  limit=WEBHOOK),
    account_route("GET /v1/webhooks", list_webhooks, tag="webhooks", summary="List webhooks",
                  name="list_webhooks", told={200: {"model": ShownWebhooks}}, refuses=(), status=200),
    account_route("GET /v1/webhooks/{id}", read_webhook, tag="webhooks", summary="Read a webhook",
                  name="read_webhook", told={200: {"model": ShownWebhook}}, refuses=(NOT_FOUND,), status=200),
    account_route("PUT /v1/webhooks/{id}", change_webhook, tag="webhooks", summary="Change a webhook",
                  name="change_webhook", told=GONE, refuses=(INVALID_TARGET, NOT_FOUND), status=204,
                  limit=WEBHOOK),
    account_route("DELETE /v1/webhooks/{id}", remove_webhook, tag="webhooks", summary="Remove a webhook",
                  name="remove_webhook", told=GONE, refuses=(NOT_FOUND,), status=204),
    account_route("POST /v1/webhooks/{id}/secret", change_secret, tag="webhooks",
                  summary="Change the secret of a webhook", name="change_webhook_secret",
                  told={201: {"model": ShownSecret, "description": "It is told this once."}},
                  refuses=(NOT_FOUND,), status=201),
    account_route("PUT /v1/webhooks/{id}/paused", pause_webhook, tag="webhooks", summary="Pause a webhook",
                  name="pause_webhook", told=GONE, refuses=(NOT_FOUND,), status=204),
    account_route("DELETE /v1/webhooks/{id}/paused", resume_webhook, tag="webhooks",
                  summary="Resume a webhook", name="resume_webhook", told=GONE,
                  refuses=(NOT_FOUND, ACCOUNT_DISABLED), status=204),
    account_route("POST /v1/webhooks/{id}/replays", replay_webhook, tag="webhooks",
                  summary="Send events once more", name="replay_webhook",
                  told={202: {"model": NewReplay, "description": "It waits for its turn."}},
                  refuses=(NOT_FOUND, STILL_TO_COME, TOO_MANY_REPLAYS), status=202),
    account_route("GET /v1/webhooks/{id}/attempts", list_attempts, tag="webhooks",
                  summary="Read what was tried", name="list_webhook_attempts",
                  told={200: {"model": ShownAttempts}}, refuses=(NOT_FOUND,), status=200),
    account_route("GET /v1/webhooks/{id}/dead-letters", list_dead_letters, tag="webhooks",
                  summary="Read which events were given up", name="list_dead_letters",
                  told={200: {"model": ShownDeadLetters}}, refuses=(NOT_FOUND,), status=200),
)
# fmt: on
