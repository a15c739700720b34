"""All that is known of somebody, for himself, as one document."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from kit.auth.identity import ProvenCaller
from kit.auth.roles import Role
from kit.http.described import Described, example
from kit.http.edge.streams import NotRead
from kit.limits.catalog import EXPORT
from kit.problem_types import NOT_FOUND
from write_side.accounts.api.answers import account_route, work_of
from write_side.accounts.export.exporting import WHOLE_SECONDS, Exports
from write_side.accounts.problem_types import EXPORT_RUNS

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_MOMENT = "2026-01-31T12:00:00Z"


class ExportedAccount(Described):
    """The account itself."""

    id: UUID
    name: str
    email: str | None
    locale: str
    created_at: datetime
    disabled_at: datetime | None
    roles: list[Role]


class WrittenEvent(Described):
    """Something that you did to an entry."""

    position: int
    """In the log."""
    type: str
    """Such as article.revised."""
    entry: UUID
    version: int
    """Of the entry, once it was done."""
    at: datetime


class OwnExport(Described):
    """All that is known of you; no secret is in it."""

    model_config = example(
        {
            "account": {
                "id": _ID,
                "name": "Anna Petrova",
                "email": "anna@example.org",
                "locale": "en",
                "created_at": _MOMENT,
                "disabled_at": _MOMENT,
                "roles": ["editor"],
            },
            "sessions": [],
            "tokens": [],
            "identities": [],
            "telegram": [],
            "passkeys": [],
            "avatars": [],
            "webhooks": [],
            "codes": [],
            "invitations": [],
            "mails": [],
            "audit": [],
            "imports": [],
            "written": [
                {
                    "position": 170,
                    "type": "article.revised",
                    "entry": "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e",
                    "version": 2,
                    "at": _MOMENT,
                }
            ],
        }
    )

    account: ExportedAccount
    sessions: list[dict[str, Any]]
    """Where you are and were signed in."""
    tokens: list[dict[str, Any]]
    """Of your programs."""
    identities: list[dict[str, Any]]
    """By which others let you in."""
    telegram: list[dict[str, Any]]
    """For whom there our bot acts with your rights."""
    passkeys: list[dict[str, Any]]
    """Of which we know the public half."""
    codes: list[dict[str, Any]]
    """Of mails, as long as they work."""
    avatars: list[dict[str, Any]]
    """The picture of you, if there is one; its bytes are at `GET /v1/me/avatar`."""
    webhooks: list[dict[str, Any]]
    """Of yours; without their secrets."""
    invitations: list[dict[str, Any]]
    """By which you came, or that you made for others."""
    mails: list[dict[str, Any]]
    """That wait to be sent to you."""
    audit: list[dict[str, Any]]
    """What was done to your account, and what you did to those of others."""
    imports: list[dict[str, Any]]
    """That you began."""
    written: list[WrittenEvent]
    """What you did to entries, and to changes of many entries, oldest first."""


class Pieces(StreamingResponse):
    """An answer that is made while it is sent, and lets go of its place afterwards."""

    def __init__(
        self, pieces: AsyncIterator[bytes], place: ExitStack, seconds: float = WHOLE_SECONDS
    ) -> None:
        headers = {"Cache-Control": "no-store"}
        super().__init__(pieces, media_type="application/json", headers=headers)
        self._place = place
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, within a time.

        Raises:
            NotRead: anyone who asked reads too slowly; the connection is cut.
        """
        with self._place:
            try:
                async with asyncio.timeout(self._seconds):
                    await super().__call__(scope, receive, send)
            except TimeoutError:
                raise NotRead from None


async def export_me(who: ProvenCaller, request: Request) -> StreamingResponse:
    """Return all that is known of you, and what you wrote by its ids; one export of an account at a time.

    An answer that breaks off is not whole: it ends with a bracket and a line feed. It is read within ten
    minutes.
    """
    state = request.app.state
    exports = Exports(work_of(request), state.bus.streams, state.identities.pool)
    with ExitStack() as place:
        place.enter_context(exports.one(who.account))
        pieces = exports.pieces(who.account)
        first = await anext(pieces)

        async def whole() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:
                yield piece

        return Pieces(whole(), place.pop_all())


EXPORT_ROUTES = (
    account_route(
        "GET /v1/me/export",
        export_me,
        tag="me",
        summary="Read all that is known of you",
        name="export_me",
        told={200: {"model": OwnExport}},
        refuses=(NOT_FOUND, EXPORT_RUNS),
        status=200,
        limit=EXPORT,
    ),
)
