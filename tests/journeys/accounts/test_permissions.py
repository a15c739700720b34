"""Every route says who may call it, the committed table says the same, and requests are answered so."""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from kit import clock
from kit.auth.identity import Permission
from kit.auth.keys import SigningKey, load_signing_key
from kit.auth.roles import Role, Scope
from kit.auth.tokens import ORDINARY, mint
from kit.postgres.connect import Connection, connect
from scripts.dev import openapi
from scripts.dev.permissions import PATH, Permitted, Undeclared, permitted, text
from tests.servers.running import Site, in_process
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.bot_tokens import issue_bot_token
from write_side.accounts.admin.rights import grant
from write_side.accounts.sessions import open_session

STREAMS = {"GET /v1/me/events", "GET /v1/events"}
ENDLESS = 1.0
"""Seconds after which an answer that was not refused is taken for one that has no end."""

NOBODY = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"


def test_the_committed_table_is_that_of_this_build() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run python -m scripts.dev.permissions"


@pytest.mark.parametrize("place", [("get", "/v1/secrets"), ("post", "/v1/articles"), ("get", "/v1/me/x")])
def test_a_route_that_does_not_say_who_may_call_it_is_found(place: tuple[str, str]) -> None:
    method, path = place
    described: Mapping[str, Any] = {"paths": {path: {method: {"responses": {}}}}}
    with pytest.raises(Undeclared, match=path):
        list(permitted(described))


async def answer(site: Site, one: Permitted, sent: str | None) -> tuple[int, str]:
    """Send a request that goes no further than it is let in, and return how it is refused."""
    method, _, path = one.route.partition(" ")
    values = {"number": "1", "role": "editor", "address": NOBODY, "slug": "former"}
    place = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], NOBODY), path)
    query = "?from=1&to=1" if path.endswith("/diff") else ""
    headers = {} if sent is None else {"Authorization": f"Bearer {sent}"}
    body: Any = None if method == "GET" else {}
    try:
        async with asyncio.timeout(ENDLESS if one.route in STREAMS else None):
            found = await site.client.request(method, f"{place}{query}", json=body, headers=headers)
    except TimeoutError:  # it tells something for as long as somebody listens
        return 200, ""
    kind = found.json().get("type", "") if "problem" in found.headers.get("content-type", "") else ""
    return found.status_code, kind.removeprefix("/problems/")


class Caller(NamedTuple):
    """Somebody with a token, or a program of his."""

    account: UUID
    role: Role | None
    scopes: frozenset[Scope] | None
    token: str

    def is_let_in(self, permission: Permission) -> bool:
        """Tell whether a route says that he may call it."""
        if permission.role == "nobody":
            return True
        held = frozenset() if self.role is None else self.role.included
        has_role = permission.role == "anybody" or permission.role in held
        return has_role and (self.scopes is None or permission.scope in self.scopes)


class Crowd:
    """People of every role, and programs with every scope."""

    def __init__(self, owner: Connection, key: SigningKey) -> None:
        self._owner = owner
        self._key = key
        self.people: list[Caller] = []
        self.programs: list[Caller] = []

    async def gather(self) -> None:
        """Make them: a person for each role, programs of an administrator, and one of a reader."""
        for role in (None, *Role):
            account = await create(self._owner, f"a {role}", actor=None)
            if role is not None:
                await grant(self._owner, account, role, actor=None)
            self.people.append(Caller(account, role, None, ""))
        reader, admin = self.people[1], self.people[-1]
        every = [frozenset[Scope](), *(frozenset({scope}) for scope in Scope)]
        for one, scopes in (*((admin, some) for some in every), (reader, frozenset(Scope))):
            expires = clock.now() + timedelta(days=1)
            made = await issue_bot_token(self._owner, one.account, expires=expires, actor=None, scopes=scopes)
            self.programs.append(one._replace(scopes=scopes, token=made.token))

    async def signed_in(self, one: Caller) -> Caller:
        """Return a person with a session of his own: some routes end it."""
        expires = clock.now() + ORDINARY
        session = await open_session(self._owner, one.account, expires=expires, actor=None)
        return one._replace(token=mint(self._key, one.account, session, ORDINARY, clock.now()))


@pytest.mark.prove
async def test_every_cell_of_the_table_is_answered_as_it_says(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        owner = await connect(database, "test owner")
        crowd = Crowd(owner, load_signing_key(tmp_path / "signing-key.pem"))
        await crowd.gather()
        wrong, asked = [], 0
        for one in permitted(json.loads(openapi.PATH.read_text())):
            _, kind = await answer(site, one, None)
            if (kind == "token-missing") == (one.permission.role == "nobody"):
                wrong.append(f"{one.route}: nobody: {kind}")
            for caller in (*crowd.people, *crowd.programs):
                sent = caller if caller.scopes is not None else await crowd.signed_in(caller)
                status, kind = await answer(site, one, sent.token)
                if status == 401 and one.permission.role != "nobody":
                    wrong.append(f"{one.route}: {sent.role} {sent.scopes}: {status} {kind}")
                if (kind == "forbidden") == sent.is_let_in(one.permission):
                    wrong.append(f"{one.route}: {sent.role} {sent.scopes}: {status} {kind}")
                asked += 1
        await owner.close()
        assert [] == wrong
        assert asked > 2_000
