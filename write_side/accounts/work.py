"""What commands of accounts work with in this process: the database, passwords, keys, mail."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from kit.auth.keys import SigningKey
from kit.auth.passwords import OWASP, Cost, Passwords
from kit.errors import Problem
from kit.limits.limits import Limits
from kit.mail.sending import ForgetMail, Send, nothing_kept
from kit.postgres.connect import ACCOUNTS, AWAY, Connection, Pool, pooled
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from kit.running.ending import end
from write_side.accounts.erasure.listed import keep_listing
from write_side.accounts.erasure.reserved import salt_of_names
from write_side.accounts.forgetting import keep_forgetting
from write_side.accounts.guessing import WrongGuesses
from write_side.accounts.mail.post import Post
from write_side.accounts.passkeys.site import PasskeySite, passkey_site
from write_side.accounts.providers.offered import Providers
from write_side.accounts.providers.settings import ProviderName, ProviderSettings

CONNECTIONS = 4
"""Of this process, and only while somebody needs them."""

WAIT_SECONDS = 1.0
"""Longest time that a connection is waited for."""

EXPORTS_AT_WORK = 2
"""Exports that ask the database at the same time; others wait for their turn, page by page."""

type Registration = Literal["open", "invitation", "off"]


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What is decided outside."""

    key: SigningKey
    """Signs access tokens."""
    send: Send
    """Where mail goes."""
    sender: str
    """From whom, such as "FrankenJet <post@example.org>"."""
    site: str
    """Address of the pages that links in mails lead to."""
    registration: Registration = "open"
    providers: Mapping[ProviderName, ProviderSettings] = field(default_factory=dict)
    """Where else people may sign in."""
    forget_mail: ForgetMail = nothing_kept
    """Removes the mails to an address that are kept here."""
    webhooks_loopback: bool = False
    """Whether webhooks may be registered over http and at this machine, for trying out."""
    erased_file: Path | None = None
    """Where it is written down who was erased, beside the database; None: nowhere."""
    hashing: Cost = OWASP
    """Of each hash of a password."""

    @property
    def ways(self) -> list[str]:
        """The ways to sign in that are offered."""
        return ["password", "token", *(["passkey"] if passkey_site(self.site) else []), *self.providers]


@dataclass(frozen=True, slots=True)
class AccountWork:
    """What commands of accounts work with."""

    settings: AccountSettings
    pool: Pool
    passwords: Passwords
    post: Post
    providers: Providers
    tasks: set[asyncio.Task[None]]
    """What is done meanwhile."""
    limits: Limits
    """How often anything may be done."""
    exports: set[UUID] = field(default_factory=set)
    """Accounts that are being exported in this process."""
    exporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EXPORTS_AT_WORK))
    """Turns in which exports ask the database, in the order in which they came."""
    erased: asyncio.Event = field(default_factory=asyncio.Event)
    """To be set when somebody was erased."""
    avatars_left: asyncio.Event = field(default_factory=asyncio.Event)
    """To be set when there may be files of pictures that are nobody's."""
    wrong_guesses: WrongGuesses = field(init=False)
    """Passwords that did not fit, on their way to the audit."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wrong_guesses", WrongGuesses(self.transaction))

    def meanwhile(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for; a database that is away lets it fail."""

        async def quietly() -> None:
            with suppress(Problem):
                await doing

        task = asyncio.create_task(quietly(), name="beside a command of accounts")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def keep(self, doing: Coroutine[Any, Any, None], name: str) -> None:
        """Do something until this is closed."""
        self.tasks.add(asyncio.create_task(doing, name=name))

    def site_of_passkeys(self) -> PasskeySite:
        """Return for which site passkeys are.

        Raises:
            Problem: 404, no browser makes passkeys for ours.
        """
        site = passkey_site(self.settings.site)
        if site is None:
            raise Problem(NOT_FOUND, "There are no passkeys here: the site has no name, or no TLS.")
        return site

    async def hash_of_name(self, key: str) -> bytes:
        """Return the slow hash by which a name would be reserved.

        Raises:
            Problem: 503, the database is away, or too many wait.
        """
        async with self.transaction() as connection:
            salt = await salt_of_names(connection)
        return await self.passwords.derive(key, salt)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a connection in a transaction; all that is done with it holds, or nothing.

        Raises:
            Problem: 503, the database is away; what was asked for was not done, or its answer was lost.
        """
        try:
            async with (
                self.pool.acquire(timeout=WAIT_SECONDS) as connection,
                connection.transaction(),
            ):
                yield connection
        except AWAY as error:
            raise Problem(ACCOUNTS_UNAVAILABLE, headers={"Retry-After": "1"}) from error


@asynccontextmanager
async def account_work(
    dsn: str, settings: AccountSettings, limits: Limits | None = None
) -> AsyncIterator[AccountWork]:
    """Open what commands of accounts need, and send the mail that waits.

    Args:
        dsn: address of the database.
        settings: what is decided outside.
        limits: open already; None: those of this process alone.
    """
    passwords, providers = Passwords(settings.hashing), Providers(settings.providers, settings.site)
    async with pooled(dsn, "frankenjet accounts", ACCOUNTS, size=CONNECTIONS) as pool:
        tasks: set[asyncio.Task[None]] = set()
        post = Post(pool, settings.send, settings.sender, settings.site)
        beside = [
            asyncio.create_task(post.keep_sending(), name="send mail"),
            asyncio.create_task(keep_forgetting(pool), name="forget what is over"),
        ]
        work = AccountWork(settings, pool, passwords, post, providers, tasks, limits or Limits())
        beside.append(asyncio.create_task(work.wrong_guesses.keep_noting(), name="note wrong guesses"))
        if settings.erased_file is not None:
            listing = keep_listing(work.transaction, passwords.derive, settings.erased_file, work.erased)
            beside.append(asyncio.create_task(listing, name="list who was erased"))
        try:
            yield work
        finally:
            await end(*beside, *tasks)
            passwords.close()
