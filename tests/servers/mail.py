"""An SMTP server of the library `aiosmtpd`, on a port of its own, that keeps what it is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers.processes import free_port


class MailServer:
    """What a server does with mail, and what it has kept."""

    def __init__(self) -> None:
        self.port = free_port()
        self.kept: list[EmailMessage] = []
        self.refuses = ""
        """The answer to each mail instead of taking it."""
        self.tried = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.tried.release()
        if self.refuses:
            return self.refuses
        self.kept.append(message_from_bytes(envelope.content, EmailMessage, policy=default))
        return "250 Taken"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take mail."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()
