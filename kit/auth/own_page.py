"""What a cookie alone does not prove: that a page of ours sent the request, and not one of another site.

Browsers add the cookie to whatever any page makes them send. So a page that is known by it and changes
something shows two things: `Origin` or `Sec-Fetch-Site`, which pages cannot write, names the same origin; and
a header carries a token that only a page of this origin could read. The token is made of the secret of the
session: it is another one after each sign-in, and nobody can make one for somebody else's session.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from fastapi import Request

from kit.errors import Problem, ProblemType
from kit.http.cookies import is_loopback
from kit.http.requests.headers import single
from kit.problem_types import CSRF_TOKEN_NEEDED, FOREIGN_ORIGIN

CSRF = "FrankenJet-CSRF"
"""Header of a request that carries the token."""

type Headers = Sequence[tuple[bytes, bytes]]


def csrf_token(secret: str) -> str:
    """Return the token of a session, given the secret in its cookie."""
    made = hmac.digest(secret.encode(), b"frankenjet csrf token", hashlib.sha256)
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def require_token(headers: Headers, secret: str) -> None:
    """Refuse a request without the token of its session.

    Raises:
        Problem: 403.
    """
    sent = single(headers, CSRF.lower().encode()) or ""
    if not hmac.compare_digest(sent.encode("latin-1"), csrf_token(secret).encode()):
        raise Problem(CSRF_TOKEN_NEEDED, f"Send the token of GET /v1/me/csrf in the header {CSRF}.")


def refuse_foreign(headers: Headers) -> None:
    """Refuse what a browser says that a page of another origin asks for, though nothing is changed by it.

    Raises:
        Problem: 403.
    """
    if single(headers, b"sec-fetch-site") not in {None, "same-origin"} and (
        single(headers, b"authorization") is None
    ):
        raise Problem(FOREIGN_ORIGIN)


def require_own_page(headers: Headers) -> None:
    """Refuse a request that no page of this very origin sent.

    Over plain HTTP that is only a page of the machine itself: anywhere else somebody on the way could have
    written it.

    Raises:
        Problem: 403.
    """
    origin, site = single(headers, b"origin"), single(headers, b"sec-fetch-site")
    if site not in {None, "same-origin"}:
        raise Problem(FOREIGN_ORIGIN)
    if origin is None:
        if site is None:
            raise Problem(FOREIGN_ORIGIN, "Browsers say which page sends a request; this one does not.")
        return
    scheme, _, place = origin.lower().partition("://")
    host = (single(headers, b"host") or "").lower()
    if place != host or not (scheme == "https" or (scheme == "http" and is_loopback(host))):
        raise Problem(FOREIGN_ORIGIN)


class _OwnPage:
    """Dependency of a route that gives a cookie: only a page of ours may ask for one."""

    problem_types: tuple[ProblemType, ...] = (FOREIGN_ORIGIN,)
    before_body = True

    async def __call__(self, request: Request) -> None:
        require_own_page(request.scope["headers"])


from_own_page = _OwnPage()
