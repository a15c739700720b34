"""A virtual host of RabbitMQ for the tests, made and removed by whatever way the broker offers."""

import base64
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote, urlsplit

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractQueue

from kit.broker.amqp.address import parse
from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import PUBLIC, PUBLIC_LOG, fence_of
from kit.checkout import ROOT
from kit.ids import new_id
from tests.servers.proxy import Proxy

GIVEN = os.environ.get("RABBITMQ_URL", "")  # noqa: TID251 - tests have no settings
URL = GIVEN or "amqp://guest:guest@127.0.0.1:5672"


@pytest.fixture(scope="session")
def virtual_host() -> Iterator[str]:
    """Yield the URL of a virtual host of this run's own; skip without a broker, or fail when CI=true."""
    address = parse(URL)
    name = f"fjtest_{new_id().hex[-16:]}"
    try:
        socket.create_connection((address.host, address.port), timeout=2).close()
    except OSError as error:
        _missing(f"no RabbitMQ at {address}: {error}")
    manage = _way_to_manage(name)
    if manage is None:
        _missing("virtual hosts need rabbitmqctl, run as its owner, or the management plugin on port 15672")
    else:
        try:
            yield urlsplit(URL)._replace(path=f"/{name}").geturl()
        finally:
            manage(name, "delete")


@pytest_asyncio.fixture
async def broker_url(virtual_host: str) -> str:
    """Return the URL of a virtual host without our exchange and our stream."""
    async with await aio_pika.connect(virtual_host) as connection:
        channel = await connection.channel()
        for exchange, log in ((EXCHANGE, LOG), (PUBLIC, PUBLIC_LOG)):
            await channel.queue_delete(log)
            await channel.queue_delete(fence_of(exchange))
            await channel.exchange_delete(exchange)
    return virtual_host


@pytest.fixture(scope="session")
def users(virtual_host: str) -> Iterator[dict[str, str]]:
    """Yield what `documented_users` returns: made once, since each costs three programs of the broker's."""
    with ExitStack() as stack:
        names = ("migrate", "projector")
        yield {name: stack.enter_context(_as_documented(virtual_host, name)) for name in names}


@pytest.fixture
def documented_users(users: dict[str, str], broker_url: str) -> dict[str, str]:  # noqa: ARG001 - a host that is empty
    """Return URLs of users with the rights that docs/operations.md gives to them, by their names there."""
    return users


@pytest_asyncio.fixture
async def broker_channel(broker_url: str) -> AsyncIterator[AbstractChannel]:
    """Yield a channel of another client, to prepare and to look."""
    async with await aio_pika.connect(broker_url) as connection:
        yield await connection.channel()


@pytest_asyncio.fixture
async def broker_queue(broker_channel: AbstractChannel) -> AsyncIterator[AbstractQueue]:
    """Yield an empty durable queue of a new name: messages of a connection that was cut may arrive late."""
    declared = await broker_channel.declare_queue(f"published-{new_id().hex[-16:]}", durable=True)
    yield declared
    await broker_channel.queue_delete(declared.name)


@pytest_asyncio.fixture
async def broker_proxy(broker_url: str) -> AsyncIterator[Proxy]:
    """Yield a proxy in front of the broker; `messages.through` gives the URL that leads over it."""
    address = parse(broker_url)
    async with Proxy(address.host, address.port) as running:
        yield running


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":  # noqa: TID251 - the convention of build machines
        pytest.fail(reason)
    pytest.skip(reason)


def _way_to_manage(name: str) -> Callable[[str, str], None] | None:
    """Make the virtual host, and return what can remove it again."""
    for way in (_by_command, _by_http):
        try:
            way(name, "add")
        except (OSError, subprocess.SubprocessError, http.client.HTTPException):
            continue
        return way
    return None


def _by_command(name: str, verb: str) -> None:
    command = shutil.which("rabbitmqctl")
    if command is None:
        raise FileNotFoundError("rabbitmqctl")
    steps = [[f"{verb}_vhost", name]]
    if verb == "add":
        steps.append(["set_permissions", "-p", name, parse(URL).user, ".*", ".*", ".*"])
    for step in steps:
        subprocess.run([command, "-q", *step], check=True, capture_output=True, timeout=240)


def _by_http(name: str, verb: str) -> None:
    address = parse(URL)
    steps = [("PUT" if verb == "add" else "DELETE", f"/api/vhosts/{name}", "")]
    if verb == "add":
        rights = '{"configure": ".*", "write": ".*", "read": ".*"}'
        steps.append(("PUT", f"/api/permissions/{name}/{quote(address.user, safe='')}", rights))
    for method, path, body in steps:
        _ask(method, path, body)


def _ask(method: str, path: str, body: str) -> None:
    address = parse(URL)
    secret = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(address.host, 15672, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        if answer.status >= 300:
            raise OSError(f"{method} {path}: {answer.status}")
    finally:
        connection.close()


@contextmanager
def _as_documented(url: str, name: str) -> Iterator[str]:
    """Make a user with the rights that docs/operations.md gives to one, yield its URL, and remove it."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    ((configure, write, read),) = re.findall(
        rf"^rabbitmqctl set_permissions -p / {name} +'(.*)' '(.*)' '(.*)'$", text, re.MULTILINE
    )
    host, user, password = parse(url).vhost, f"fjtest_{new_id().hex[-16:]}", new_id().hex
    command = shutil.which("rabbitmqctl")
    made = ["add_user", user, password], ["set_permissions", "-p", host, user, configure, write, read]
    there = urlsplit(url)
    try:
        if command is None:
            rights = json.dumps({"configure": configure, "write": write, "read": read})
            _ask("PUT", f"/api/users/{user}", json.dumps({"password": password, "tags": ""}))
            _ask("PUT", f"/api/permissions/{quote(host, safe='')}/{user}", rights)
        else:
            for step in made:
                subprocess.run([command, "-q", *step], check=True, capture_output=True, timeout=240)
        yield there._replace(netloc=f"{user}:{password}@{there.netloc.rpartition('@')[2]}").geturl()
    finally:
        if command is None:
            _ask("DELETE", f"/api/users/{user}", "")
        else:
            subprocess.run(
                [command, "-q", "delete_user", user], check=False, capture_output=True, timeout=240
            )
