"""The door of the API: which port it listens on, and whether anybody answers there."""

import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from kit.embedded.state import EmbeddedError

PORTS = range(8000, 8100)
"""Where a free port is looked for when none is asked for."""

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what to call when it listens there
"""Addresses that one listens on but does not call."""


def choose_port(host: str, wanted: int | None, setting: str = "PORT") -> int:
    """Return the wanted port, or the first free one from 8000 on when none is wanted.

    Raises:
        EmbeddedError: when the wanted port, or every port, is taken or not ours to take.
    """
    for port in PORTS if wanted is None else (wanted,):
        if _free(host, port):
            return port
    which = f"ports {PORTS[0]} to {PORTS[-1]} are" if wanted is None else f"port {wanted} is"
    raise EmbeddedError(f"{which} taken or not open to us on {host}: free it, or name another by {setting}")


def _free(host: str, port: int) -> bool:
    """Tell whether we may listen there and nobody does, not even at a wider address that would let us."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            return False
    with suppress(OSError), socket.create_connection((ANYWHERE.get(host, host), port), timeout=0.5):
        return False
    return True


def origin(host: str, port: int) -> str:
    """Return the address that the API is called at, without a path."""
    name = ANYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def answers(url: str) -> bool:
    """Tell whether a GET is answered by 200 within a second."""
    parts = urlsplit(url)
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        line.request("GET", parts.path)
        return line.getresponse().status == 200  # noqa: PLR2004 - the name of success
    except (OSError, HTTPException):
        return False
    finally:
        line.close()
