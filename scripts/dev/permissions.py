"""Who may call which route, from the OpenAPI document of this build, written to docs/permissions.md."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kit.auth.identity import Permission
from kit.checkout import ROOT
from scripts.dev.openapi import document

PATH = ROOT / "docs" / "permissions.md"

PUBLIC = frozenset(
    {
        "GET /.well-known/jwks.json", "GET /livez", "GET /metrics", "GET /readyz", "GET /v1/settings",
        "POST /v1/accounts", "POST /v1/accounts/confirmation", "POST /v1/browser-sessions",
        "POST /v1/email-codes/undo", "POST /v1/password-codes",
        "POST /v1/password-codes/use",
        "GET /v1/media", "GET /v1/media/files/{name}", "POST /v1/media/uploads/file",
        "PUT /v1/media/uploads/parts/{number}",
        "POST /v1/sessions", "POST /v1/sessions/refresh",
        "POST /v1/sign-in/{provider}", "GET /v1/sign-in/{provider}/callback",
        "POST /v1/passkey-options", "POST /v1/sessions/passkey", "POST /v1/browser-sessions/passkey",
    }
)  # fmt: skip
"""Routes for which nobody has to say who he is; anyone who adds one says so here."""

_HEAD = """# Who may do what

Made by `python -m scripts.dev.permissions` from the routes of this build, and tried by
`tests/journeys/accounts/test_permissions.py`: each cell by requests.

A role includes the ones before it: reader, editor, moderator, admin. *Anybody* has signed in, *nobody* need
not. A program with a token may do what its owner may, and only by a route whose scope the token has; **–**
is for people alone. *Proof*: who it is has to be shown within the last ten minutes, each time or to force
something, or where an account without a password gets an address.
*Whose*: on what is one's own, on what is others', or on any. Where nobody need sign in and yet a scope
stands, an editor sees what was never published, and so does a program of his that may read.

| route | who, at least | program's scope | proof | whose |
|---|---|---|---|---|
"""


class Undeclared(Exception):  # noqa: N818 - it is the route that is undeclared
    """A route says of nobody that he may call it."""


class Permitted(NamedTuple):
    """A route and who may call it."""

    route: str
    permission: Permission
    whose: str


def permitted(described: Mapping[str, Any]) -> Iterator[Permitted]:
    """Yield each route of an API document with who may call it.

    Raises:
        Undeclared: a route does not say.
    """
    for path, operations in described["paths"].items():
        for method, facts in operations.items():
            route = f"{method.upper()} {path}"
            said = facts.get("x-permission")
            if said is not None:
                yield Permitted(route, Permission(**said), _whose(path, facts))
            elif route in PUBLIC:
                yield Permitted(route, Permission("nobody"), "any")
            else:
                raise Undeclared(f"{route} asks nobody who he is, and is not among the public ones")


def text() -> str:
    """Return the table as it is committed."""
    rows = sorted(permitted(document()), key=lambda one: (one.route.partition(" ")[2], one.route))
    return _HEAD + "".join(map(_row, rows))


def _row(one: Permitted) -> str:
    role, scope, proof = one.permission
    every = role == "nobody" and scope is None
    return f"| `{one.route}` | {role} | {'any' if every else scope or '–'} | {proof or ''} | {one.whose} |\n"


def _whose(path: str, facts: Mapping[str, Any]) -> str:
    if path in {"/v1/me", "/v1/media/uploads/{id}"} or path.startswith("/v1/me/"):
        return "own"
    refused = facts["responses"].get("403", {}).get("content", {})
    names = {name for content in refused.values() for name in content.get("examples", ())}
    return "others'" if "own-rights" in names else "any"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
