"""The ways in which mail leaves: to an SMTP server, or into a folder and the log where none is named."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from kit import clock

SMTP_SECONDS = 20.0
"""Longest time that a server may take for one mail."""

KEPT_SECONDS = 7 * 86_400
"""How long mails are kept in a folder: nobody needs one longer than what it says is good for."""

PORTS = {"smtp": 25, "smtps": 465}

type Send = Callable[[EmailMessage], Awaitable[None]]
"""Sends a mail; raises OSError, TimeoutError or `aiosmtplib.SMTPException` when it could not."""

type ForgetMail = Callable[[Collection[str]], Awaitable[None]]
"""Removes what is kept of mails to addresses, each in whatever spelling."""

log = structlog.get_logger("mail")


def through_smtp(url: str) -> Send:
    """Return what sends mail through a server.

    Args:
        url: smtp://user:password@host:port, in clear or, where the server offers it, with STARTTLS;
            smtps:// with TLS from the first byte.
    """
    import aiosmtplib

    parts = urlsplit(url)
    tls = parts.scheme == "smtps"

    async def send(message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=tls,
            start_tls=False if tls else None,
            timeout=SMTP_SECONDS,
        )

    return send


def into_folder(folder: Path) -> Send:
    """Return what writes mail into a folder, as files that mail programs open, and says in the log where.

    Anyone who may read the folder can use what the mail says: it is made for its owner alone.
    """

    def written(message: EmailMessage) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        path, draft = folder / f"{name}.eml", folder / f".{name}"
        oldest = clock.now().timestamp() - KEPT_SECONDS
        for kept in folder.glob("*.eml"):
            with suppress(OSError):
                if kept.stat().st_mtime < oldest:
                    kept.unlink()
        draft.touch(mode=0o600)
        draft.write_bytes(bytes(message))
        return draft.replace(path)  # nobody opens half of it

    async def send(message: EmailMessage) -> None:
        path = await asyncio.to_thread(written, message)
        log.info("mail.kept", path=str(path), subject=str(message["Subject"]))

    return send


def from_folder(folder: Path) -> ForgetMail:
    """Return what removes the mails to addresses that `into_folder` has kept."""

    def removed(addresses: Collection[str]) -> None:
        meant = {one.casefold() for one in addresses}
        for path in folder.glob("*.eml"):
            with suppress(OSError):  # somebody else has removed it
                message = message_from_bytes(path.read_bytes(), policy=default)
                if str(message["To"]).casefold() in meant:
                    path.unlink()

    async def forget(addresses: Collection[str]) -> None:
        await asyncio.to_thread(removed, addresses)

    return forget


async def nothing_kept(_addresses: Collection[str]) -> None:
    """Remove nothing: mails are kept nowhere."""


def into_log() -> Send:
    """Return what writes mail into the log, with all that it says: nobody else will ever see it."""

    async def send(message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        text = "" if body is None else body.get_content()
        log.warning("mail.not_sent", to=str(message["To"]), subject=str(message["Subject"]), text=text)

    return send
