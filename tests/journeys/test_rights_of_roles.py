"""Every route asks for its role, and a role that was taken is felt at each of them within a second."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx2

from events.kinds.catalog import KINDS
from kit import clock
from kit.auth.roles import Role
from kit.postgres.connect import Connection, connect
from scripts.accounts.issuing import Issued, token
from tests.servers.running import in_process
from write_side.accounts.admin import rights
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token

WHO = {
    "POST /v1/articles": Role.EDITOR,
    "POST /v1/tags/suggest": Role.EDITOR,
    "POST /v1/bulk": Role.EDITOR,
    "POST /v1/bulk/{id}/undo": Role.EDITOR,
    "GET /v1/bulk/{id}": Role.EDITOR,
    "PATCH /v1/articles/{id}": Role.EDITOR,
    "PUT /v1/articles/{id}/submission": Role.EDITOR,
    "DELETE /v1/articles/{id}/submission": Role.EDITOR,
    "POST /v1/articles/{id}/revert": Role.EDITOR,
    "PUT /v1/articles/{id}/slug": Role.EDITOR,
    "POST /v1/articles/{id}/return": Role.MODERATOR,
    "PUT /v1/articles/{id}/publication": Role.MODERATOR,
    "DELETE /v1/articles/{id}/publication": Role.MODERATOR,
    "PUT /v1/articles/{id}/archive": Role.MODERATOR,
    "DELETE /v1/articles/{id}/archive": Role.MODERATOR,
    "DELETE /v1/articles/{id}/slugs/{slug}": Role.MODERATOR,
    "GET /v1/articles/{id}/draft": Role.EDITOR,
    "GET /v1/accounts/{id}": Role.MODERATOR,
    "GET /v1/accounts": Role.ADMIN,
    "GET /v1/accounts/{id}/audit": Role.ADMIN,
    "GET /v1/audit": Role.ADMIN,
    "PUT /v1/accounts/{id}/roles/{role}": Role.ADMIN,
    "DELETE /v1/accounts/{id}/roles/{role}": Role.ADMIN,
    "PUT /v1/accounts/{id}/disabled": Role.ADMIN,
    "DELETE /v1/accounts/{id}/disabled": Role.ADMIN,
    "DELETE /v1/accounts/{id}/sessions": Role.ADMIN,
    "DELETE /v1/accounts/{id}": Role.ADMIN,
    "GET /v1/invitations": Role.MODERATOR,
    "POST /v1/invitations": Role.MODERATOR,
    "DELETE /v1/invitations/{id}": Role.MODERATOR,
    "GET /v1/accounts/{id}/tokens": Role.ADMIN,
    "DELETE /v1/accounts/{id}/tokens/{token}": Role.ADMIN,
    "GET /v1/broken-links": Role.MODERATOR,
    "POST /v1/imports": Role.ADMIN,
    "GET /v1/accounts/{id}/avatar": Role.MODERATOR,
    "DELETE /v1/accounts/{id}/avatar": Role.ADMIN,
    "POST /v1/media": Role.EDITOR,
    "POST /v1/media/uploads": Role.EDITOR,
    "PATCH /v1/media/{id}": Role.EDITOR,
    "PUT /v1/media/{id}/suppression": Role.MODERATOR,
    "DELETE /v1/media/{id}/suppression": Role.MODERATOR,
    "GET /v1/imports/{id}": Role.ADMIN,
    "POST /v1/telegram/links": Role.ADMIN,
    "POST /v1/telegram/acts": Role.ADMIN,
}
"""Route → the least role that it asks for."""

OWN = {
    "GET /v1/me",
    "DELETE /v1/me",
    "GET /v1/me/export",
    "PATCH /v1/me",
    "PUT /v1/me/password",
    "PUT /v1/me/email",
    "POST /v1/me/email/confirmation",
    "GET /v1/me/sessions",
    "DELETE /v1/me/sessions",
    "DELETE /v1/me/sessions/{id}",
    "DELETE /v1/me/session",
    "DELETE /v1/me/other-sessions",
    "POST /v1/me/step-up",
    "GET /v1/me/tokens",
    "POST /v1/me/tokens",
    "DELETE /v1/me/tokens/{id}",
    "POST /v1/me/step-up/options",
    "GET /v1/me/passkeys",
    "POST /v1/me/passkeys",
    "POST /v1/me/passkeys/options",
    "PATCH /v1/me/passkeys/{id}",
    "DELETE /v1/me/passkeys/{id}",
    "POST /v1/me/app",
    "PUT /v1/me/app",
    "DELETE /v1/me/app",
    "POST /v1/me/recovery-codes",
    "GET /v1/me/csrf",
    "POST /v1/me/socket-tickets",
    "GET /v1/me/events",
    "GET /v1/me/identities",
    "GET /v1/me/avatar",
    "PUT /v1/me/avatar",
    "DELETE /v1/me/avatar",
    "POST /v1/me/avatar/uploads",
    "GET /v1/media/uploads/{id}",
    "POST /v1/me/identities/{provider}",
    "DELETE /v1/me/identities/{provider}",
    "POST /v1/me/telegram-codes",
    "GET /v1/me/telegram",
    "DELETE /v1/me/telegram",
    "POST /v1/webhooks",
    "GET /v1/webhooks",
    "GET /v1/webhooks/{id}",
    "PUT /v1/webhooks/{id}",
    "DELETE /v1/webhooks/{id}",
    "POST /v1/webhooks/{id}/secret",
    "PUT /v1/webhooks/{id}/paused",
    "DELETE /v1/webhooks/{id}/paused",
    "POST /v1/webhooks/{id}/replays",
    "GET /v1/webhooks/{id}/attempts",
    "GET /v1/webhooks/{id}/dead-letters",
}
"""Routes that anybody with a token may call: they are about his own account."""

HIDDEN = (
    "GET /v1/articles/{id}/revisions",
    "GET /v1/articles/{id}/revisions/{number}",
    "GET /v1/articles/{id}/diff",
    "GET /v1/articles/{id}/used-by",
)
"""Routes that know a draft for editors, and for everybody else what was published: of a draft, nothing."""

OPEN = {"GET /v1/media/{id}", "GET /v1/changes", "GET /v1/events"}
"""Routes that anybody may call, and that tell moderators of what was suppressed, editors of drafts."""

DRAFT = {"locale": "en", "title": "A draft"}


PATHS = (*(kind.path for kind in KINDS), *(group.path for kind in KINDS for group in kind.groups))


def test_every_route_with_a_token_has_its_role_here() -> None:
    described = json.loads(Path("docs/openapi.json").read_text())["paths"]
    guarded = {
        f"{method.upper()} {path}"
        for path, operations in described.items()
        for method, facts in operations.items()
        if isinstance(facts, dict) and facts.get("security")
    }
    of_kinds = {route.replace("/v1/articles", f"/v1/{path}") for route in (*WHO, *HIDDEN) for path in PATHS}
    assert guarded == of_kinds | OWN | OPEN


def for_people(route: str) -> bool:
    """Tell whether no program may call a route."""
    return WHO[route] is Role.ADMIN or route.endswith("/v1/media/{id}/suppression") or "/invitations" in route


async def felt(client: httpx2.AsyncClient, entry: str, tokens: list[str], role: Role | None) -> list[str]:
    """Return every answer that does not fit the role."""
    wrong = []
    for sent in tokens:
        for route in (*WHO, *HIDDEN):
            method, _, path = route.partition(" ")
            named = {"id": entry, "slug": "former", "number": 1, "role": "editor", "token": entry}
            place = path.format_map(named | {"provider": "google"})
            query = "?from=1&to=1" if path.endswith("/diff") else ""
            answer = await client.request(
                method,
                place + query,
                json=None if method == "GET" else {},
                headers={"Authorization": f"Bearer {sent}"},
            )
            if route in WHO:
                has_role = role is not None and WHO[route] in role.included
                let_in = has_role and not (sent.startswith("fjb_") and for_people(route))
                right = (answer.status_code == 403) != let_in
            else:
                right = (answer.status_code == 200) == (role is not None and Role.EDITOR in role.included)
            if not right or answer.status_code == 401:
                wrong.append(f"{role}: {route}: {answer.status_code}")
    return wrong


async def bot_of(owner: Connection, issued: Issued) -> str:
    return (await issue_bot_token(owner, issued.account, expires=clock.now() + USUAL, actor=None)).token


async def test_what_is_granted_and_what_is_taken_is_felt_at_every_route_within_a_second(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        made = await site.editor.done("POST", "/articles", DRAFT)
        await site.client.get(f"/v1/articles?after={made['position']}")
        key = tmp_path / "signing-key.pem"
        hour = timedelta(hours=1)
        owner = await connect(database, "test")
        try:
            roles = [*Role]
            people = [
                await token(database, key, account=f"a {one}", role=one, grant=False, ttl=hour, bot=False)
                for one in roles
            ]
            both = [[one.token, await bot_of(owner, one)] for one in people]
            for sent, role in zip(both, roles, strict=True):
                assert [] == await felt(site.client, made["id"], sent, role)
            changed = [*roles[1:], roles[0]]  # each rises by one, but the administrator becomes a reader
            for one, role in zip(people, changed, strict=True):
                assert await rights.set_role(owner, one.account, role, actor=None)
            await asyncio.sleep(1.05)
            for sent, role in zip(both, changed, strict=True):
                assert [] == await felt(site.client, made["id"], sent, role)
            await rights.revoke(owner, people[0].account, Role.EDITOR, actor=None)
            await asyncio.sleep(1.05)
            assert [] == await felt(site.client, made["id"], both[0], None)
        finally:
            await owner.close()
