"""The ways in which mail leaves: to an SMTP server, or into a folder and the log where none is named."""

import asyncio
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

SMTP_SECONDS = 20.0
"""Longest time that a server may take for one mail."""

PORTS = {"smtp": 25, "smtps": 465}

type Send = Callable[[EmailMessage], Awaitable[None]]
"""Sends a mail; raises OSError, TimeoutError or `aiosmtplib.SMTPException` when it could not."""

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

    Whoever may read the folder can use what the mail says: it is made for its owner alone.
    """

    def written(message: EmailMessage) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        path, draft = folder / f"{name}.eml", folder / f".{name}"
        draft.touch(mode=0o600)
        draft.write_bytes(bytes(message))
        return draft.replace(path)  # nobody opens half of it

    async def send(message: EmailMessage) -> None:
        path = await asyncio.to_thread(written, message)
        log.info("mail.kept", path=str(path), subject=str(message["Subject"]))

    return send


def into_log() -> Send:
    """Return what writes mail into the log, with all that it says: nobody else will ever see it."""

    async def send(message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        text = "" if body is None else body.get_content()
        log.warning("mail.not_sent", to=str(message["To"]), subject=str(message["Subject"]), text=text)

    return send
