"""From a request to who sent it, and the dependency by which an endpoint says who may call it."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from kit.auth.identities import CHALLENGE, Identities
from kit.auth.permission import HOW, Permission, Proof
from kit.auth.roles import Identity, Role, Scope
from kit.errors import Problem, ProblemType
from kit.problem_types import (
    FORBIDDEN,
    OF_A_COOKIE,
    OF_A_ROLE,
    OF_A_TOKEN,
    STEP_UP_NEEDED,
    TOKEN_MISSING,
)

__all__ = [
    "CHALLENGE",
    "Admin",
    "AnyReader",
    "Caller",
    "Editor",
    "Identities",
    "Identity",
    "Moderator",
    "Permission",
    "Proof",
    "Reader",
    "Role",
    "optional_identity",
    "require_fresh",
    "requires",
]

IDENTITY = "identity"
"""Member of the state of a request: who sent it, or None, once a route has asked."""


class _Bearer(SecurityBase):
    """What both dependencies share: one look at the request, remembered, and an entry in OpenAPI."""

    problem_types: tuple[ProblemType, ...] = OF_A_TOKEN
    """What a route that depends on it can answer with too."""

    changing_problem_types: tuple[ProblemType, ...] = OF_A_COOKIE
    """The same, where the route changes something."""

    before_body = True
    """Strict routes ask before they read the body."""

    def __init__(self) -> None:
        self.model = HTTPBearer(
            description="A signed token, or a bot's opaque one. It counts before a cookie."
        )
        self.scheme_name = "token"

    async def _identify(self, request: Request) -> Identity | None:
        state = request.scope.setdefault("state", {})
        if IDENTITY in state:
            known: Identity | None = state[IDENTITY]
            return known
        identities: Identities = request.app.state.identities
        found = await identities.of(request.scope["headers"], request.method, request.scope["path"])
        state[IDENTITY] = found
        if found is not None:
            state["account"] = str(found.account)
        return found


class requires(_Bearer):  # noqa: N801 - it is used like a function: Depends(requires(Role.EDITOR))
    """Dependency: the caller, with at least this role; without one, anybody who has signed in.

    Args:
        role: the least.
        scope: what the token of a program needs as well; None: it is for people alone.
        proof: whether who it is has to be shown within the last minutes: "always", or "forced" where the
            endpoint itself asks, by `require_fresh`, in the cases that force something.

    Raises:
        Problem: 401 without a good token, 403 without role, scope or proof, 503 when that cannot be told.
    """

    def __init__(
        self, role: Role | None = None, scope: Scope | None = None, proof: Proof | None = None
    ) -> None:
        super().__init__()
        self.permission = Permission(role or "anybody", scope, proof)
        self.role = role
        self.scope = scope
        self.problem_types = (*OF_A_TOKEN, *OF_A_ROLE) + ((STEP_UP_NEEDED,) if proof else ())

    async def __call__(self, request: Request) -> Identity:
        identity = await self._identify(request)
        if identity is None:
            raise Problem(
                TOKEN_MISSING,
                headers={"WWW-Authenticate": CHALLENGE},
            )
        if self.role is not None and self.role not in identity.roles:
            raise Problem(FORBIDDEN, f"This needs the role {self.role}.")
        if identity.scopes is not None and self.scope not in identity.scopes:
            needed = (
                f"This needs a token with the scope {self.scope}."
                if self.scope
                else "This is for people alone."
            )
            raise Problem(FORBIDDEN, needed)
        if self.permission.proof == "always" and not identity.fresh:
            await require_fresh(request, identity)
        return identity


async def require_fresh(request: Request, identity: Identity) -> None:
    """Refuse what is dangerous to anyone who has not shown within the last minutes who he is.

    Raises:
        Problem: 403, with the way to show it; 503 when that cannot be told.
    """
    identities: Identities = request.app.state.identities
    if not await identities.is_fresh(identity):
        raise Problem(STEP_UP_NEEDED, detail=HOW)


class _Anybody(_Bearer):
    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.permission = Permission("nobody", scope)
        self._scope = scope

    async def __call__(self, request: Request) -> Identity | None:
        identity = await self._identify(request)
        if identity is not None and not identity.may(None, self._scope):
            return replace(identity, roles=frozenset())
        return identity


optional_identity = _Anybody(Scope.READ)
"""Dependency: the caller, or None when nobody says who; a bad token is refused, not ignored.

A program that may not read is without roles: it sees what anybody sees.
"""

optional_follower = _Anybody(Scope.STREAM)
"""The same, where a program needs the scope of the stream to be more than anybody."""

Caller = Annotated[Identity, Depends(requires())]
"""Anybody who has signed in, whatever he may do; no program."""

AnyReader = Annotated[Identity, Depends(requires(None, Scope.READ))]
"""The same, and programs that may read."""

Reader = Annotated[Identity, Depends(requires(Role.READER, Scope.READ))]
Editor = Annotated[Identity, Depends(requires(Role.EDITOR, Scope.READ))]
Moderator = Annotated[Identity, Depends(requires(Role.MODERATOR, Scope.READ))]
Admin = Annotated[Identity, Depends(requires(Role.ADMIN))]
ModeratorHimself = Annotated[Identity, Depends(requires(Role.MODERATOR))]
"""No program."""
ProvenModerator = Annotated[Identity, Depends(requires(Role.MODERATOR, proof="always"))]
ProvenAdmin = Annotated[Identity, Depends(requires(Role.ADMIN, proof="always"))]
ProvenCaller = Annotated[Identity, Depends(requires(proof="always"))]
