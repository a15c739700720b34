"""What is over is deleted in steps, by an index, past rows that somebody holds; what is in force stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from kit.postgres.connect import Pool
from tests.given.people import People
from tests.write_side.accounts.meeting.commands import place
from write_side.accounts.forgetting import _OVER, _RENEWABLE, _statement, forget

MANY, BATCH = 2_500, 1_000

ROWS = """
with over as materialized (select n, n <= $2 as over from generate_series(1, 4 * $2) n)
, sessions as (
  insert into auth.session (id, account, client, expires_at, revoked_at, longest_token, secret)
  select gen_random_uuid(), $1, 'api', now() + '1 day',
         case when over then now() - case when n % 2 = 0 then interval '31 days' else '1 hour' end end, 900,
         case when n % 3 > 0 then sha256('s') end from over returning id, secret)
, refresh as (
  insert into auth.refresh (sha256, session, number)
  select sha256(uuid_send(id)), id, 1 from sessions where secret is not null)
, codes as (
  insert into auth.code (sha256, purpose, expires_at)
  select sha256(('c' || n)::bytea), 'registration',
         now() + case when over then -1 else 1 end * interval '1 hour' from over)
, attempts as (
  insert into auth.attempt (state, provider, browser, verifier, nonce, locale, next, expires_at)
  select sha256(('a' || n)::bytea), 'google', sha256('b'), 'v', 'n', 'en', '/',
         now() + case when over then -1 else 1 end * interval '1 hour' from over)
, mails as (
  insert into auth.mail (id, address, locale, kind, tries, made_at, next_at)
  select gen_random_uuid(), 'a', 'en', 'known', n % 2,
         now() - case when over then 3 else 0 end * interval '1 day', now() + interval '1 day' from over)
insert into auth.invitation (id, sha256, expires_at)
select gen_random_uuid(), sha256(('i' || n)::bytea),
       now() - case when over then 91 else 0 end * interval '1 day' from over"""

LEFT = """
select (select count(*) from auth.refresh), (select count(*) from auth.session),
       (select count(*) from auth.code), (select count(*) from auth.attempt),
       (select count(*) from auth.mail), (select count(*) from auth.invitation)"""


@asynccontextmanager
async def crowded(people: People, database: str) -> AsyncIterator[tuple[Pool, UUID]]:
    """Fill the tables, a fourth of all with what is over; nothing is forgotten yet."""
    account = await people.account("Anna")
    async with place(people, database) as place_:
        await asyncio.sleep(0.2)  # the process has looked once, as it does when it starts
        await people.owner.execute(ROWS, account, MANY)
        await people.owner.execute("analyze")
        yield place_.work.pool, account


async def test_what_is_over_is_forgotten_in_steps_and_what_is_in_force_stays(
    people: People, database: str
) -> None:
    async with crowded(people, database) as (pool, _):
        counted = await forget(pool, BATCH)
        left = tuple(await people.owner.fetchrow(LEFT))
    renewable = sum(n % 3 > 0 for n in range(1, MANY + 1))
    old = sum(n % 2 == 0 for n in range(1, MANY + 1))
    assert {
        "refresh": renewable, "code": MANY, "attempt": MANY, "challenge": 0, "socket_ticket": 0,
        "mail": MANY - old, "session": old, "invitation": MANY,
    } == counted  # fmt: skip
    kept = sum(n % 3 > 0 for n in range(MANY + 1, 4 * MANY + 1))
    assert (kept, 4 * MANY - old, 3 * MANY, 3 * MANY, 4 * MANY - (MANY - old), 3 * MANY) == left


async def test_no_step_waits_for_a_row_that_somebody_holds_nor_looks_through_a_table(
    people: People, database: str
) -> None:
    async with crowded(people, database) as (pool, account):
        async with people.owner.transaction():
            held = await people.owner.fetch(
                "select from auth.session where account = $1 and revoked_at is not null limit 10 for update",
                account,
            )
            async with asyncio.timeout(20):
                counted = await forget(pool, BATCH)
            assert MANY == counted["code"]
            assert 10 == len(held)
        await people.owner.execute("analyze")
        async with pool.acquire() as connection:
            plans = [
                await connection.fetch(f"explain {_statement(one)}", one.kept, BATCH)
                for one in _OVER
                if one.table not in {"challenge", "socket_ticket"}  # empty
            ]
            plans.append(await connection.fetch(f"explain {_RENEWABLE}"))
        for plan in plans:
            lines = [str(row[0]) for row in plan]
            assert any("Index Cond" in line and "now()" in line for line in lines), "\n".join(lines)
