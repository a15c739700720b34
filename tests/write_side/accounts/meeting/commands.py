"""Commands of one account that tests let meet, each with what it needs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from email.message import EmailMessage
from functools import partial
from typing import Any
from uuid import UUID

import pyotp

from kit import clock
from kit.auth.roles import Identity, Role
from kit.ids import new_id
from kit.postgres.connect import Connection, connect
from tests.given.people import People
from tests.servers.identity.authenticator import Authenticator
from tests.servers.running import CHEAP
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token, note_use
from write_side.accounts.admin.rights import disable, enable, grant, revoke
from write_side.accounts.codes import make_code
from write_side.accounts.erasure.erasing import Erasure, erase
from write_side.accounts.factors import app
from write_side.accounts.own.email import set_email, undo_email
from write_side.accounts.own.password import set_password
from write_side.accounts.passkeys import own
from write_side.accounts.passkeys.challenges import AskedIn, make_challenge
from write_side.accounts.passkeys.checking import NewPasskey, made
from write_side.accounts.passkeys.options import creation_options, request_options
from write_side.accounts.passkeys.showing import proven_by_passkey
from write_side.accounts.passkeys.site import PasskeySite
from write_side.accounts.sessions import end_others, end_sessions
from write_side.accounts.signing_in import opened, refresh
from write_side.accounts.socket.tickets import make_ticket
from write_side.accounts.work import AccountSettings, AccountWork, account_work

NEW = "another way to Murmansk"

SITE = PasskeySite("localhost", "http://localhost")

type Command = Callable[[], Coroutine[Any, Any, Any]]


class Place:
    """An account with everything, again for each meeting.

    Args:
        work: what commands work with.
        people: makes accounts.
    """

    def __init__(self, work: AccountWork, people: People) -> None:
        self.work = work
        self._people = people
        self.account = UUID(int=0)
        self._sessions: list[tuple[UUID, str]] = []
        self._bot = UUID(int=0)
        self._app = ""
        self._phone, self._passkey = Authenticator(SITE.origin), UUID(int=0)

    async def begin_again(self) -> None:
        """Make the account."""
        name = new_id().hex
        self.account = await self._people.account(name, Role.EDITOR)
        owner = self._people.owner
        await owner.execute(
            "update auth.account set email = $2, email_key = $2, password = 'x' where id = $1",
            self.account,
            f"{name}@example.org",
        )
        async with self.work.transaction() as connection:
            self._sessions = [
                await opened(connection, self.account, strong=False, client="api", agent="") for _ in range(2)
            ]
            for session, _ in self._sessions:
                await make_ticket(connection, session)
            self._app = (await app.begin(connection, self.account, self._sessions[0][0])).secret
            new = passkey_made(self._phone, self.account)
            added = await own.add_passkey(connection, self.account, self._sessions[0][0], new, "Phone")
            self._passkey = added.id
        bot = await issue_bot_token(owner, self.account, expires=clock.now() + USUAL, actor=None)
        self._bot = bot.id

    async def commands(self) -> dict[str, Command]:
        """Return commands that can be done now, by their names."""
        who = Identity(self.account, frozenset(), "api", self._sessions[0][0])
        codes = [await self._code("password") for _ in range(2)]
        wished = await self._code("email")
        undo = await self._code("email-undo")
        (session, token), (other, _) = self._sessions
        owner = self.account

        def on(doing: Callable[[Connection], Awaitable[Any]]) -> Command:
            async def command() -> None:
                async with self.work.transaction() as connection:
                    await doing(connection)

            return command

        async with self.work.transaction() as connection:
            challenge = await make_challenge(connection, AskedIn("sign-in", "browser"))
        used = self._phone.use(request_options(SITE, challenge))
        key = NewPasskey(new_id().bytes, b"", 0, can_be_copied=False, copied=False, transports=[])

        def by_code(code: str) -> Command:
            return lambda: set_password(self.work, code=code, new=NEW, place="here")

        return {
            "sign out everywhere": on(lambda c: end_sessions(c, owner, actor=owner)),
            "end others": on(lambda c: end_others(c, owner, session)),
            "set a password": by_code(codes[0]),
            "set a password by another code": by_code(codes[1]),
            "refresh": lambda: refresh(self.work, token),
            "get a ticket": on(lambda c: make_ticket(c, other)),
            "begin an app": on(lambda c: app.begin(c, owner, session)),
            "confirm an app": on(lambda c: app.confirm(c, owner, session, pyotp.TOTP(self._app).now())),
            "do without the app": on(lambda c: app.remove(c, owner, session)),
            "add a passkey": on(lambda c: own.add_passkey(c, owner, session, key, "Key")),
            "remove a passkey": on(lambda c: own.remove_passkey(c, owner, session, self._passkey)),
            "sign in with a passkey": lambda: proven_by_passkey(
                self.work.transaction,
                SITE,
                used,
                AskedIn("sign-in", "browser"),
                partial(opened, client="api", agent=""),
            ),
            "set an address": lambda: set_email(self.work, who, code=wished),
            "take the address back": lambda: undo_email(self.work, code=undo),
            "shut out": on(lambda c: disable(c, owner, actor=None)),
            "let in": on(lambda c: enable(c, owner, actor=None)),
            "grant": on(lambda c: grant(c, owner, Role.MODERATOR, actor=None)),
            "revoke": on(lambda c: revoke(c, owner, Role.EDITOR, actor=None)),
            "note the use of a token": on(lambda c: note_use(c, [self._bot])),
            "erase": lambda: erase(
                self.work.transaction, self.work.passwords.derive, Erasure(owner, None, "asked")
            ),
        }

    async def _code(self, purpose: Any) -> str:
        facts = {"email": [f"{new_id().hex}@example.org"] * 2}
        return await make_code(self._people.owner, purpose, account=self.account, facts=facts)


def passkey_made(phone: Authenticator, account: UUID) -> NewPasskey:
    """Return a passkey that an authenticator has made for an account."""
    challenge = account.bytes
    return made(SITE, phone.make(creation_options(SITE, account, "A", challenge, [])), challenge)


async def _to_nobody(_mail: EmailMessage) -> None:
    """Send nothing."""


@asynccontextmanager
async def place(people: People, database: str) -> AsyncIterator[Place]:
    """Open what commands need, and an account."""
    settings = AccountSettings(people.key, _to_nobody, "F <f@example.org>", "http://test", hashing=CHEAP)
    async with account_work(database, settings) as work:
        yield Place(work, people)


async def deadlocks(database: str) -> int:
    """Return how many the server has ended in this database; connections that saw one have to be closed."""
    connection = await connect(database, "test deadlocks")
    try:
        found: int = await connection.fetchval(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
    finally:
        await connection.close()
    return found
