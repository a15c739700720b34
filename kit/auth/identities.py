"""Finds out who sent a request: by a signed token, a bot's opaque one, or the cookie of a browser."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from kit import clock
from kit.auth.own_page import Headers, require_own_page, require_token
from kit.auth.roles import Identity
from kit.auth.standing import OfCookie, OfLink, Standings
from kit.auth.tokens import BadToken, Verifier, bot_digest
from kit.errors import Problem
from kit.http.cookies import session_secret
from kit.http.requests.head import SAFE
from kit.http.requests.headers import single
from kit.problem_types import TOKEN_INVALID

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

    async def of(self, headers: Headers, method: str = "GET", path: str = "") -> Identity | None:
        """Return who sent a request with these headers; None: nobody says who.

        Authorization is written on purpose, so it alone counts where it is; a cookie comes along unasked.

        Args:
            headers: names in lower case, values undecoded.
            method: of the request: what changes something needs more than a cookie.
            path: of the request: a token may be for one command alone.

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
        if claims.only and claims.only != f"{method} {path}":
            _refuse("The token is for another command.")
        standing = await self._standings.of(OfLink(claims.session) if claims.only else claims.session)
        if standing is None or standing.identity.account != claims.account or standing.expires <= now:
            _refuse("The session has ended.")
        if claims.lifetime > standing.longest_token:
            _refuse("The token lives longer than its session allows.")
        return replace(standing.identity, fresh=True) if claims.proved else standing.identity

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

    async def is_fresh(self, identity: Identity) -> bool:
        """Tell whether somebody has shown within the last minutes who he is; a program never has."""
        return identity.fresh or (
            identity.scopes is None and await self._standings.is_fresh(identity.session)
        )


def _refuse(detail: str) -> NoReturn:
    raise Problem(
        TOKEN_INVALID,
        detail=detail,
        headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
    )
