"""Every change of an account leaves a trace that nobody can alter."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import clock
from kit.auth.roles import Role
from kit.postgres.connect import ACCOUNTS, PROJECTOR, READER, WRITER, connect
from read_side.accounts.accounts import by_id
from tests.given.people import People
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.bot_tokens import USUAL, bot_tokens, issue_bot_token, revoke_bot_token
from write_side.accounts.admin.rights import disable, enable, grant, revoke
from write_side.accounts.sessions import end_everything, end_session, end_sessions, sessions_of


async def trace(people: People, account: UUID) -> list[tuple[Any, ...]]:
    rows = await people.owner.fetch(
        "select actor, action, facts, reason from auth.audit where account = $1 order by number", account
    )
    return [tuple(row) for row in rows]


async def test_every_change_leaves_a_row_and_no_row_holds_a_name_or_a_secret(people: People) -> None:
    chief = await people.account("Chief Canary", Role.ADMIN)
    made = await create(people.owner, "Vera Canary", actor=chief, reason="new colleague")
    await grant(people.owner, made, Role.EDITOR, actor=chief, reason="writes")
    await grant(people.owner, made, Role.EDITOR, actor=chief, reason="again")
    session = await people.session(made)
    assert await end_session(people.owner, session, actor=made, reason="logout")
    assert not await end_session(people.owner, session, actor=made)
    token = (await issue_bot_token(people.owner, made, expires=clock.now() + USUAL, actor=chief)).token
    assert await end_everything(people.owner, made, actor=chief, reason="lost laptop") == 1
    await revoke(people.owner, made, Role.EDITOR, actor=chief, reason="left")
    await revoke(people.owner, made, Role.EDITOR, actor=chief)
    await disable(people.owner, made, actor=chief, reason="left")
    rows = await trace(people, made)
    assert [(actor, action, reason) for actor, action, _, reason in rows] == [
        (chief, "account.created", "new colleague"),
        (chief, "role.granted", "writes"),
        (None, "session.opened", ""),
        (made, "session.ended", "logout"),
        (chief, "bot-token.issued", ""),
        (chief, "sessions.ended", "lost laptop"),
        (chief, "role.revoked", "left"),
        (chief, "account.disabled", "left"),
        (None, "sessions.ended", "left"),
    ]
    assert "Canary" not in str(rows)
    assert token not in str(rows)


async def test_a_change_and_its_row_stand_or_fall_together(people: People) -> None:
    made = await people.account("Anna")
    before = len(await trace(people, made))
    transaction = people.owner.transaction()
    await transaction.start()
    await grant(people.owner, made, Role.EDITOR, actor=None)
    await transaction.rollback()
    found = await by_id(people.owner, made)
    assert found is not None
    assert (found.roles, len(await trace(people, made))) == ((), before)


READ = "select * from auth.audit"

CHANGES = [
    "insert into auth.account (id, name, name_key) values (gen_random_uuid(), 'x', 'x')",
    "update auth.account set name = 'x'",
    "delete from auth.account",
    "insert into auth.account_role select id, 'admin' from auth.account",
    "delete from auth.account_role",
    "update auth.session set revoked_at = null",
    "insert into auth.bot_token select gen_random_uuid(), id, sha256('x'), now(), now() from auth.account",
    "insert into auth.audit (action, account) values ('x', gen_random_uuid())",
    "update auth.audit set action = 'x'",
    "delete from auth.audit",
    "truncate auth.audit",
    READ,
    "drop trigger only_added_to on auth.audit",
    "create table auth.mine ()",
]


async def test_whatever_was_given_is_taken_again_and_leaves_its_reason(people: People) -> None:
    made = await people.account("Vera", Role.EDITOR)
    await people.session(made)
    expires = clock.now() + USUAL
    await issue_bot_token(people.owner, made, expires=expires, actor=None, reason="the feed")
    (token,) = await bot_tokens(people.owner, made)
    assert (expires, "Vera") == (token.expires_at, token.name)
    assert 1 == len(await sessions_of(people.owner, made))
    assert 1 == await end_sessions(people.owner, made, actor=None, reason="lost laptop")
    assert [] == await sessions_of(people.owner, made)
    assert [token] == await bot_tokens(people.owner)
    assert await revoke_bot_token(people.owner, token.id, actor=None, reason="leaked")
    assert not await revoke_bot_token(people.owner, token.id, actor=None, reason="again")
    assert [] == await bot_tokens(people.owner)
    await disable(people.owner, made, actor=None, reason="left")
    await enable(people.owner, made, actor=None, reason="came back")
    told = [(action, reason) for _, action, _, reason in await trace(people, made) if reason]
    assert told == [
        ("bot-token.issued", "the feed"),
        ("sessions.ended", "lost laptop"),
        ("bot-token.revoked", "leaked"),
        ("account.disabled", "left"),
        ("sessions.ended", "left"),
        ("account.enabled", "came back"),
    ]


async def test_who_changes_accounts_can_neither_alter_the_audit_nor_reach_the_log(
    people: People, database: str
) -> None:
    await people.account("Anna")
    connection = await connect(database, "test", ACCOUNTS)
    for change in (
        *(one for one in CHANGES if "auth.audit" in one and "insert" not in one),
        "delete from auth.account",
        "update auth.audit set reason = ''",
        "select * from auth.outbox",
        "select * from log.event",
        "select log.head()",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    await connection.close()


@pytest.mark.parametrize("secret", ["auth.account.password", "auth.session.secret"])
async def test_only_who_changes_accounts_sees_what_they_are_known_by(database: str, secret: str) -> None:
    table, _, column = secret.rpartition(".")
    for role in (WRITER, READER, PROJECTOR):
        connection = await connect(database, "test", role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"select {column} from {table}")
        await connection.close()


async def test_no_process_may_change_accounts_and_one_that_shows_it_reads_the_audit(
    people: People, database: str
) -> None:
    await people.account("Anna", Role.EDITOR)
    for role in (WRITER, READER, PROJECTOR):
        connection = await connect(database, "test", role)
        for change in CHANGES:
            if (role, change) == (READER, READ):
                await connection.execute(change)
                continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
        if role == PROJECTOR:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("select name from auth.account")
        else:
            assert await connection.fetchval("select count(*) from auth.account") == 1
        await connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "update auth.audit set action = 'x'",
        "update auth.audit set reason = 'x'",
        "update auth.audit set reason = '', at = now()",
        "delete from auth.audit",
        "truncate auth.audit",
    ],
)
async def test_not_even_the_owner_alters_the_audit_by_mistake(people: People, change: str) -> None:
    await people.account("Anna")
    with pytest.raises(asyncpg.RaiseError, match="only added to"):
        await people.owner.execute(change)
