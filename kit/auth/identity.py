"""From a request to who sent it, and the dependency by which an endpoint says who may call it."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NoReturn
from uuid import UUID

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from kit import clock
from kit.auth.own_page import Headers, require_own_page, require_token
from kit.auth.roles import Identity, Role
from kit.auth.standing import OfCookie, Standings
from kit.auth.tokens import BadToken, Verifier, bot_digest
from kit.errors import Problem, ProblemType
from kit.http.cookies import session_secret
from kit.http.requests.head import SAFE
from kit.http.requests.headers import single
from kit.problem_types import FORBIDDEN, OF_A_COOKIE, OF_A_ROLE, OF_A_TOKEN, TOKEN_INVALID, TOKEN_MISSING

__all__ = [
    "Admin",
    "Caller",
    "Editor",
    "Identities",
    "Identity",
    "Moderator",
    "Reader",
    "Role",
    "optional_identity",
    "requires",
]

IDENTITY = "identity"
"""Member of the state of a request: who sent it, or None, once a route has asked."""

CHALLENGE = 'Bearer realm="frankenjet"'
"""How a caller shows who he is: every 401 says so."""


class Identities:
    """Finds out who sent a request; the application keeps one as `app.state.identities`.

    Args:
        verifier: checks signatures and times.
        standings: says what sessions and roles are worth now.
        now: the present moment.
        seen: is told of a browser's session that goes on being used, now and then.
    """

    def __init__(
        self,
        verifier: Verifier,
        standings: Standings,
        now: Callable[[], datetime] = clock.now,
        seen: Callable[[UUID], object] = lambda _session: None,
    ) -> None:
        self._verifier = verifier
        self._standings = standings
        self._now = now
        self._seen = seen
        self.pool = standings.pool
        """Connections that may read schema `auth`."""

    async def of(self, headers: Headers, method: str = "GET") -> Identity | None:
        """Return who sent a request with these headers; None: nobody says who.

        Authorization is written on purpose, so it alone counts where it is; a cookie comes along unasked.

        Args:
            headers: names in lower case, values undecoded.
            method: of the request: what changes something needs more than a cookie.

        Raises:
            Problem: 400 for two such headers, 401 for one that is not good, 403 for a cookie that the page of
                another origin may have sent, 503 when who it is cannot be told.
        """
        value = single(headers, b"authorization")
        if value is None:
            return await self._by_cookie(headers, method)
        scheme, _, token = value.partition(" ")
        if scheme.lower() != "bearer":
            _refuse("Authorization is sent as: Bearer, a space, the token.")
        now = self._now()
        digest = bot_digest(token)
        if digest is not None:
            standing = await self._standings.of(digest)
            if standing is None or standing.expires <= now:
                _refuse("The token is not valid.")
            return standing.identity
        try:
            claims = self._verifier.verify(token, now.timestamp())
        except BadToken as error:
            _refuse(str(error))
        standing = await self._standings.of(claims.session)
        if standing is None or standing.identity.account != claims.account or standing.expires <= now:
            _refuse("The session has ended.")
        if claims.lifetime > standing.longest_token:
            _refuse("The token lives longer than its session allows.")
        return standing.identity

    async def _by_cookie(self, headers: Headers, method: str) -> Identity | None:
        """Return whose session a cookie holds; one that has ended is as if it were not sent."""
        secret = session_secret(headers)
        if secret is None:
            return None
        if method not in SAFE:
            require_own_page(headers)
            require_token(headers, secret)
        standing = await self._standings.of(OfCookie(hashlib.sha256(secret.encode()).digest()))
        if standing is None or standing.expires <= self._now():
            return None
        if standing.unseen:
            self._seen(standing.identity.session)
        return standing.identity


def _refuse(detail: str) -> NoReturn:
    raise Problem(
        TOKEN_INVALID,
        detail=detail,
        headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
    )


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
        found = await identities.of(request.scope["headers"], request.method)
        state[IDENTITY] = found
        if found is not None:
            state["account"] = str(found.account)
        return found


class requires(_Bearer):  # noqa: N801 - it is used like a function: Depends(requires(Role.EDITOR))
    """Dependency: the caller, with at least this role; without one, anybody with a good token.

    Raises:
        Problem: 401 without a good token, 403 without the role, 503 when that cannot be told.
    """

    def __init__(self, role: Role | None = None) -> None:
        super().__init__()
        self.role = role
        self.problem_types = OF_A_TOKEN if role is None else (*OF_A_TOKEN, *OF_A_ROLE)

    async def __call__(self, request: Request) -> Identity:
        identity = await self._identify(request)
        if identity is None:
            raise Problem(
                TOKEN_MISSING,
                headers={"WWW-Authenticate": CHALLENGE},
            )
        if self.role is not None and self.role not in identity.roles:
            raise Problem(FORBIDDEN, f"This needs the role {self.role}.")
        return identity


class _Anybody(_Bearer):
    async def __call__(self, request: Request) -> Identity | None:
        return await self._identify(request)


optional_identity = _Anybody()
"""Dependency: the caller, or None when nobody says who; a bad token is refused, not ignored."""

Caller = Annotated[Identity, Depends(requires())]
"""Anybody who has signed in, whatever he may do."""

Reader = Annotated[Identity, Depends(requires(Role.READER))]
Editor = Annotated[Identity, Depends(requires(Role.EDITOR))]
Moderator = Annotated[Identity, Depends(requires(Role.MODERATOR))]
Admin = Annotated[Identity, Depends(requires(Role.ADMIN))]
