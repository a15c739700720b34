"""What administrators decide of other accounts: roles, who is shut out, sessions that end."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from kit.auth.identity import Admin, ProvenAdmin
from kit.auth.roles import Role
from kit.http.requests.body import Body
from kit.http.requests.text import CleanLine, Id
from kit.problem_types import NOT_FOUND
from write_side.accounts.admin.rights import disable, enable, grant, revoke
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.audit import MAX_REASON
from write_side.accounts.problem_types import OWN_RIGHTS, ROLE_INCLUDED
from write_side.accounts.sessions import end_sessions, require_account


class Reasoned(Body):
    """Why it is done: the audit and the log keep it, so it names nobody."""

    reason: Annotated[CleanLine, Field(min_length=1, max_length=MAX_REASON)]


async def grant_role(id: Id, role: Role, who: ProvenAdmin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """Give an account a role, and those that it includes, within a second. What it has already stays so."""
    async with work_of(request).transaction() as connection:
        await grant(connection, id, role, actor=who.account, reason=body.reason)
    return private(None, 204)


async def revoke_role(id: Id, role: Role, who: ProvenAdmin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """Take a role from an account within a second; nobody takes his own, so an administrator stays."""
    async with work_of(request).transaction() as connection:
        await revoke(connection, id, role, actor=who.account, reason=body.reason)
    return private(None, 204)


async def disable_account(id: Id, who: ProvenAdmin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """Shut an account out: its sessions and the tokens of its programs end within a second."""
    async with work_of(request).transaction() as connection:
        await disable(connection, id, actor=who.account, reason=body.reason, client=who.client)
    return private(None, 204)


async def enable_account(id: Id, who: ProvenAdmin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """Let an account in again; it has to sign in, and its programs need new tokens."""
    async with work_of(request).transaction() as connection:
        await enable(connection, id, actor=who.account, reason=body.reason)
    return private(None, 204)


async def end_sessions_of(id: Id, who: Admin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """End all sessions of an account within a second; its programs go on."""
    async with work_of(request).transaction() as connection:
        await require_account(connection, id)
        await end_sessions(connection, id, actor=who.account, reason=body.reason, client=who.client)
    return private(None, 204)


# fmt: off
ADMIN_ROUTES = (
    account_route("PUT /v1/accounts/{id}/roles/{role}", grant_role, tag="accounts", summary="Give a role",
                  name="grant_role", told=GONE, refuses=(NOT_FOUND, OWN_RIGHTS), status=204),
    account_route("DELETE /v1/accounts/{id}/roles/{role}", revoke_role, tag="accounts", summary="Take a role",
                  name="revoke_role", told=GONE, refuses=(NOT_FOUND, OWN_RIGHTS, ROLE_INCLUDED),
                  status=204),
    account_route("PUT /v1/accounts/{id}/disabled", disable_account, tag="accounts",
                  summary="Shut an account out", name="disable_account", told=GONE,
                  refuses=(NOT_FOUND, OWN_RIGHTS), status=204),
    account_route("DELETE /v1/accounts/{id}/disabled", enable_account, tag="accounts",
                  summary="Let an account in again", name="enable_account", told=GONE,
                  refuses=(NOT_FOUND, OWN_RIGHTS), status=204),
    account_route("DELETE /v1/accounts/{id}/sessions", end_sessions_of, tag="accounts",
                  summary="End the sessions of an account", name="end_sessions_of", told=GONE,
                  refuses=(NOT_FOUND,), status=204),
)
# fmt: on
