"""Sends the mail that waits: each until it has been, at longer and longer intervals, for a day."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from aiosmtplib import SMTPException

from kit.mail.message import Letter, composed
from kit.mail.sending import Send
from kit.postgres.connect import AWAY, Pool
from write_side.accounts.mail.texts import mail_text

POST_SECONDS = 120.0
"""Seconds between two looks for mail, unless this process has just left one. It is longer than a connection
stays open that nobody needs, so that none is held for it."""

BORROW_SECONDS = 1.0
"""Longest time that a connection is waited for."""

AT_ONCE = 10

_TAKE = f"""
update auth.mail set tries = tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least(3600, 30 * 2 ^ least(tries, 10)))
 where id = any(array(
   select id from auth.mail where next_at <= clock_timestamp() order by next_at limit {AT_ONCE}
   for update skip locked))
returning id, address, locale, kind, facts, tries, clock_timestamp() - made_at > '1 day' as last"""

_DONE = "delete from auth.mail where id = $1"

log = structlog.get_logger("mail")


class Post:
    """Sends what waits, from this process; others may do so too.

    A mail whose sending was cut off is sent once more, under the same Message-ID.

    Args:
        pool: connections that may write schema `auth`.
        send: the way out.
        sender: such as "FrankenJet <post@example.org>".
        site: address of the pages that links lead to.
    """

    def __init__(self, pool: Pool, send: Send, sender: str, site: str) -> None:
        self._pool = pool
        self._send = send
        self._sender = sender
        self._site = site
        self._left = asyncio.Event()

    def mail_was_left(self) -> None:
        """Look at once."""
        self._left.set()

    async def keep_sending(self) -> None:
        """Look again and again; a database that is away is asked later."""
        while True:
            self._left.clear()
            try:
                more = await self.send_waiting() == AT_ONCE
            except AWAY:
                more = False
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._left.wait(), POST_SECONDS)

    async def send_waiting(self) -> int:
        """Try what is due, and return how many mails those were."""
        async with self._pool.acquire(timeout=BORROW_SECONDS) as connection:
            due = await connection.fetch(_TAKE)
        await asyncio.gather(*map(self._try, due))
        return len(due)

    async def _try(self, row: Any) -> None:
        try:
            subject, text = mail_text(row["kind"], row["locale"], {"site": self._site, **row["facts"]})
            letter = Letter(row["id"], row["address"], row["locale"], subject, text)
            await self._send(composed(letter, self._sender))
        except (OSError, TimeoutError, SMTPException, KeyError) as error:
            # A server's words may name the address, which has no place in a log. A kind of mail that is not
            # known here is left to the build that knows it.
            log.warning("mail.waits", mail=str(row["id"]), tries=row["tries"], error=type(error).__name__)
            if not row["last"]:
                return
            log.error("mail.given_up", mail=str(row["id"]))  # noqa: TRY400 - the line says all
        except ValueError:
            log.error("mail.cannot_be", mail=str(row["id"]))  # noqa: TRY400 - the error quotes the address
        async with self._pool.acquire(timeout=BORROW_SECONDS) as connection:
            await connection.execute(_DONE, row["id"])
