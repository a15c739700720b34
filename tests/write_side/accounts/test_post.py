"""Mail that waits is sent once, again after a failure, and never with an address in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.mail.sending import through_smtp
from kit.postgres.connect import ACCOUNTS, connect, pooled
from tests.servers.mail import MailServer
from write_side.accounts.mail.post import Post
from write_side.accounts.mail.queue import queue_mail

SENDER = "FrankenJet <post@example.org>"


@asynccontextmanager
async def post_of(dsn: str, server: MailServer) -> AsyncIterator[Post]:
    async with pooled(dsn, "test mail", ACCOUNTS, size=4) as pool:
        yield Post(pool, through_smtp(server.url), SENDER, "https://example.org")


async def left(dsn: str, count: int = 1) -> None:
    connection = await connect(dsn, "test", ACCOUNTS)
    for number in range(count):
        await queue_mail(connection, "registration", f"anna{number}@example.net", "en", code="k" * 32)
    await connection.close()


async def waiting(dsn: str) -> list[int]:
    connection = await connect(dsn, "test", ACCOUNTS)
    rows = await connection.fetch("select tries from auth.mail")
    await connection.close()
    return [row["tries"] for row in rows]


async def hurried(dsn: str) -> None:
    """Let what waits be due."""
    connection = await connect(dsn, "test", ACCOUNTS)
    await connection.execute("update auth.mail set next_at = clock_timestamp()")
    await connection.close()


async def test_what_was_sent_is_gone_with_its_code(database: str) -> None:
    server = MailServer()
    await left(database)
    with server.listening():
        async with post_of(database, server) as post:
            assert await post.send_waiting() == 1
            assert await post.send_waiting() == 0
    (got,) = server.kept
    body = got.get_body(("plain",))
    assert body is not None
    assert f"https://example.org/confirm#code={'k' * 32}" in body.get_content()
    assert await waiting(database) == []


async def test_several_processes_send_each_mail_once(database: str) -> None:
    server = MailServer()
    await left(database, 30)
    with server.listening():
        async with post_of(database, server) as one, post_of(database, server) as two:
            while sum(await asyncio.gather(one.send_waiting(), two.send_waiting())):
                pass
    assert len({got["To"] for got in server.kept}) == len(server.kept) == 30


@pytest.mark.parametrize("refusal", ["451 Later", "550 <anna0@example.net>: no such user", ""])
async def test_a_mail_that_could_not_be_sent_waits_and_is_the_same_mail_later(
    database: str, refusal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = MailServer()
    server.refuses = refusal
    await left(database)
    async with post_of(database, server) as post:
        if refusal:
            with server.listening():
                assert await post.send_waiting() == 1
        else:  # nobody listens
            assert await post.send_waiting() == 1
        assert await waiting(database) == [1]
        assert await post.send_waiting() == 0, "not at once"
        await hurried(database)
        server.refuses = ""
        with server.listening():
            assert await post.send_waiting() == 1
    assert len(server.kept) == 1
    assert await waiting(database) == []
    assert "anna0" not in capsys.readouterr().out


async def test_a_mail_that_nobody_takes_for_a_day_is_given_up(database: str) -> None:
    server = MailServer()
    await left(database)
    connection = await connect(database, "test", ACCOUNTS)
    await connection.execute("update auth.mail set made_at = made_at - interval '25 hours'")
    await connection.close()
    async with post_of(database, server) as post:
        assert await post.send_waiting() == 1
    assert await waiting(database) == []
