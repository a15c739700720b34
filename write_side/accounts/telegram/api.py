"""Routes of Telegram: an owner links his account and sees that; the bot tells of codes and of buttons."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field

from kit import clock
from kit.auth.identity import Caller, ProvenCaller, requires
from kit.auth.roles import Identity, Role, Scope
from kit.auth.standing import BY_LINK_SECONDS
from kit.errors import Problem
from kit.http.described import Described, example
from kit.http.requests.body import Body
from kit.ids import parse_id
from kit.limits.catalog import CODE
from kit.problem_types import FORBIDDEN, NOT_FOUND
from write_side.accounts.api.answers import GONE, Code, account_route, private, work_of
from write_side.accounts.problem_types import (
    ACCOUNT_DISABLED,
    CODE_INVALID,
    TELEGRAM_LINKED,
    TELEGRAM_UNKNOWN,
)
from write_side.accounts.telegram.acts import ActName, act_for
from write_side.accounts.telegram.links import LINK_CODE_LIVES, link, link_of, make_link_code, unlink
from write_side.problem_types import INVALID

_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"

_User = Annotated[int, Field(ge=1, le=2**52)]
"""The number by which Telegram knows somebody."""

TelegramBot = Annotated[Identity, Depends(requires(Role.ADMIN, Scope.TELEGRAM))]
"""The bot: a program of an administrator."""


class LinkCode(Described):
    """A code that links your account."""

    model_config = example({"code": "k7wq3m9xvt2hbc8yd5nrj6pz4sfgae2u", "expires_at": "2026-01-31T12:10:00Z"})

    code: str
    """Sent to the bot, in a chat with it alone: `/start <code>`. It works once."""
    expires_at: datetime


class LinkedTelegram(Described):
    """The user of Telegram with whom your account is linked."""

    model_config = example({"user": 123456789, "linked_at": "2026-01-31T12:00:00Z"})

    user: int | None
    """The number by which Telegram knows him; null: there is none."""
    linked_at: datetime | None


class WantedLink(Body):
    """A code that somebody gave to the bot."""

    code: Code
    user: _User
    """Who gave it, as Telegram says."""


class NewLink(Described):
    """The account that is linked now."""

    model_config = example({"account": _ACCOUNT})

    account: UUID


class PressedButton(Body):
    """Which button somebody pressed."""

    user: _User
    """Who pressed it, as Telegram says."""
    act: ActName
    on: Annotated[str, Field(min_length=36, max_length=36)]
    """Id of the entry or the account that it is done to."""
    kind: Annotated[str, Field(max_length=50)] = ""
    """Kind of the entry, such as article; empty for an account."""


class ButtonCommand(Described):
    """A command, and the token with which the bot sends it, once."""

    model_config = example(
        {
            "account": _ACCOUNT,
            "method": "PUT",
            "path": "/v1/articles/019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e/publication",
            "token": "eyJhbGciOiJFZERTQSJ9...",
            "expires_in": BY_LINK_SECONDS,
        }
    )

    account: UUID
    """By whom it is."""
    method: str
    path: str
    token: str
    """Sent as `Authorization: Bearer` with this command; for any other it is not good."""
    expires_in: int
    """Seconds that it is good for."""


async def make_telegram_code(who: ProvenCaller, request: Request) -> Response:
    """Make a code that links your account with the user of Telegram who gives it to our bot."""
    async with work_of(request).transaction() as connection:
        code = await make_link_code(connection, who)
    return private(LinkCode(code=code, expires_at=clock.now() + LINK_CODE_LIVES), 201)


async def my_telegram(who: Caller, request: Request) -> Response:
    """Read with which user of Telegram your account is linked."""
    async with work_of(request).transaction() as connection:
        found = await link_of(connection, who.account)
    user, at = found or (None, None)
    return private(LinkedTelegram(user=user, linked_at=at))


async def unlink_telegram(who: Caller, request: Request) -> Response:
    """Let the bot no longer act for you. A mail tells of it."""
    work = work_of(request)
    async with work.transaction() as connection:
        await unlink(connection, who.account)
    work.post.mail_was_left()
    return private(None, 204)


async def link_telegram(who: TelegramBot, request: Request, body: WantedLink) -> Response:
    """Link the account of a code with the user of Telegram who gave it to the bot. A mail tells its owner."""
    _require_bot(who)
    work = work_of(request)
    async with work.transaction() as connection:
        account = await link(connection, body.code, body.user)
    work.post.mail_was_left()
    return private(NewLink(account=account), 201)


async def press_button(who: TelegramBot, request: Request, body: PressedButton) -> Response:
    """Get the token of the one command that somebody's press of a button stands for.

    The command is then his: what he may do at that moment is what counts.
    """
    _require_bot(who)
    on = parse_id(body.on)
    if on is None:
        raise Problem(INVALID, errors=[{"pointer": "/on", "detail": "must be an id"}])
    work = work_of(request)
    async with work.transaction() as connection:
        made = await act_for(connection, work.settings.key, body.user, body.act, on, body.kind)
    return private(ButtonCommand(**made._asdict(), expires_in=BY_LINK_SECONDS), 201)


def _require_bot(who: Identity) -> None:
    """Refuse a person: an administrator is nobody's voice but his own."""
    if who.scopes is None:
        raise Problem(FORBIDDEN, "This is for the Telegram bot alone.")


# fmt: off
TELEGRAM_ROUTES = (
    account_route("POST /v1/me/telegram-codes", make_telegram_code, tag="me",
                  summary="Make a code that links Telegram", name="make_telegram_code",
                  told={201: {"model": LinkCode, "description": "It is told this once."}}, refuses=(),
                  status=201, limit=CODE),
    account_route("GET /v1/me/telegram", my_telegram, tag="me", summary="Read your link with Telegram",
                  name="read_my_telegram", told={200: {"model": LinkedTelegram}}, refuses=(), status=200),
    account_route("DELETE /v1/me/telegram", unlink_telegram, tag="me",
                  summary="Take your link with Telegram away", name="unlink_telegram", told=GONE,
                  refuses=(NOT_FOUND,), status=204),
    account_route("POST /v1/telegram/links", link_telegram, tag="accounts",
                  summary="Link an account with a user of Telegram", name="link_telegram",
                  told={201: {"model": NewLink, "description": "The bot may act for it now."}},
                  refuses=(CODE_INVALID, TELEGRAM_LINKED, ACCOUNT_DISABLED), status=201),
    account_route("POST /v1/telegram/acts", press_button, tag="accounts",
                  summary="Act for somebody who pressed a button", name="press_button",
                  told={201: {"model": ButtonCommand, "description": "The bot sends it now."}},
                  refuses=(TELEGRAM_UNKNOWN, INVALID), status=201),
)
# fmt: on
