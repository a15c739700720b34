"""Routes of invitations: who may invite makes one, and revokes it."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from events.base import Locale
from kit.auth.identity import ModeratorHimself, ProvenModerator
from kit.auth.roles import Role
from kit.errors import Problem
from kit.http.described import Described, example
from kit.http.requests.text import Id
from kit.limits.catalog import INVITATION
from kit.problem_types import NOT_FOUND
from write_side.accounts.addresses import mail_address
from write_side.accounts.api.admin import Reasoned
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.invitations.making import LONGEST_DAYS, Wish, invite
from write_side.accounts.invitations.revoking import revoke_invitation
from write_side.accounts.problem_types import INVALID_ADDRESS, REGISTRATION_CLOSED


class WantedInvitation(Reasoned):
    """Whom somebody invites, and to what."""

    email: Annotated[str, Field(max_length=320)] = ""
    """Where the code is sent, so that its reader alone comes in; empty: it is told you, for anybody."""
    role: Literal["reader", "editor", "moderator", "admin"] | None = None
    """What his account may do from the beginning; an administrator alone gives one."""
    locale: Locale = "en"
    """The language of the mail, and of the account."""
    expires_in_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 7


class NewInvitation(Described):
    """An invitation that was made just now."""

    model_config = example(
        {
            "id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
            "code": "k7wq3m9xvt2hbc8yd5nrj6pz4sfgae2u",
            "link": "https://example.org/register#invitation=k7wq3m9xvt2hbc8yd5nrj6pz4sfgae2u",
            "expires_at": "2026-02-07T12:00:00Z",
        }
    )

    id: UUID
    code: str | None
    """Told this once; null: it went by mail, to be read there alone."""
    link: str | None
    """A page that knows the code."""
    expires_at: datetime


async def make_invitation(who: ProvenModerator, request: Request, body: WantedInvitation) -> Response:
    """Invite somebody to open an account: once, until it ends. The answer is the same where he has one."""
    work = work_of(request)
    if work.settings.registration == "off":
        raise Problem(REGISTRATION_CLOSED)
    address = mail_address(body.email) if body.email else None
    if address is not None:
        await work.limits.count(INVITATION, {"mail": address.key})
    lives, role = timedelta(days=body.expires_in_days), Role(body.role) if body.role else None
    async with work.transaction() as connection:
        made = await invite(connection, who, Wish(address, role, body.locale, lives, body.reason))
    work.post.mail_was_left()
    code = made.code if address is None else None
    link = code and f"{work.settings.site}/register#invitation={code}"
    return private(NewInvitation(id=made.id, code=code, link=link, expires_at=made.expires_at), 201)


async def end_invitation(
    id: Id,  # noqa: A002 - the name in the path
    who: ModeratorHimself,
    request: Request,
    body: Reasoned,
) -> Response:
    """Revoke an invitation of yours, or as an administrator another's. One that is over stays as it is."""
    async with work_of(request).transaction() as connection:
        await revoke_invitation(connection, who, id, reason=body.reason)
    return private(None, 204)


# fmt: off
INVITATION_ROUTES = (
    account_route("POST /v1/invitations", make_invitation, tag="accounts", summary="Invite somebody",
                  name="make_invitation",
                  told={201: {"model": NewInvitation, "description": "He may open an account."}},
                  refuses=(REGISTRATION_CLOSED, INVALID_ADDRESS), status=201, limit=INVITATION),
    account_route("DELETE /v1/invitations/{id}", end_invitation, tag="accounts",
                  summary="Revoke an invitation", name="revoke_invitation", told=GONE, refuses=(NOT_FOUND,),
                  status=204),
)
# fmt: on
