"""A virtual host of a measurement's own, at a broker that others use as well."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from kit.broker.amqp.address import Address, parse
from kit.ids import new_id

CONTROL_SECONDS = 120
"""That a word to the broker may take: each starts a machine of its own."""


class BrokerHost(NamedTuple):
    """Where it is, and who we are there."""

    url: str
    program: str

    @property
    def address(self) -> Address:
        """Its parts."""
        return parse(self.url)

    def through(self, port: int) -> str:
        """Return the URL that leads to it by a port of the loopback."""
        there = urlsplit(self.url)
        user = f"{there.netloc.rpartition('@')[0]}@" if "@" in there.netloc else ""
        return there._replace(netloc=f"{user}127.0.0.1:{port}").geturl()

    async def control(self, *words: str) -> None:
        """Say something to the broker; raises CalledProcessError when it says no."""
        await asyncio.to_thread(_say, self.program, *words)

    async def allow(self, *, everything: bool) -> None:
        """Give us all rights there, or leave us but that of reading, and end all connections."""
        may = ".*" if everything else "^$"
        vhost = self.address.vhost
        await self.control("set_permissions", "-p", vhost, self.address.user, may, may, ".*")
        await self.control("close_all_connections", "--vhost", vhost, "rights are asked for again")


@contextmanager
def own_host(url: str) -> Iterator[BrokerHost]:
    """Make a virtual host, and remove it.

    Args:
        url: of the broker; the user that it names gets all rights there.
    """
    program = shutil.which("rabbitmqctl")
    if program is None:
        raise SystemExit("frankenjet: this bench needs rabbitmqctl, and the right to use it")
    name = f"fjbench_{new_id().hex[-16:]}"
    host = BrokerHost(urlsplit(url)._replace(path=f"/{name}").geturl(), program)
    _say(program, "add_vhost", name)
    try:
        _say(program, "set_permissions", "-p", name, host.address.user, ".*", ".*", ".*")
        yield host
    finally:
        _say(program, "delete_vhost", name)


def _say(program: str, *words: str) -> None:
    environment = dict(os.environ)  # noqa: TID251 - handed on to the child
    subprocess.run(  # noqa: S603 - found above
        [program, "-q", *words], check=True, capture_output=True, timeout=CONTROL_SECONDS, env=environment
    )
