"""`frankenjet serve`: commands and queries over HTTP, in one process."""

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from kit.db import READER, WRITER
from kit.settings import Settings
from scripts.database import database
from scripts.door import ready_to_serve


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    with database(settings, WRITER, READER) as dsn:
        ready_to_serve(settings, dsn)
        os.environ["DATABASE_URL"] = dsn  # noqa: TID251 - the worker is another process and reads its own
        Granian(
            "scripts.app:create",
            factory=True,
            address=settings.host,
            port=settings.port or 8000,
            interface=Interfaces.ASGI,
            loop=Loops.uvloop,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=10_000),
            websockets=False,
            workers=1,
            log_access=False,
            workers_kill_timeout=3,
            respawn_failed_workers=True,
        ).serve()
