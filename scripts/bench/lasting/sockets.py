"""sockets: what 2,000 lasting connections on which nothing is said cost one process, in memory and in time.

WebSockets first, then event streams.
"""

import asyncio
import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from kit import clock
from kit.auth.keys import ensure_signing_key
from kit.http.cookies import SESSION
from kit.ids import new_id
from kit.postgres.connect import Connection, connect
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.memory import kilobytes
from scripts.bench.rig.report import result
from scripts.bench.rig.servers import process_of_product

SOCKETS = 2_000
OF_AN_ACCOUNT = 10
SECONDS = 30.0
"""In which each of them hears at least once that it is alive."""

AIM_MB = 100.0
LASTS = timedelta(hours=1)
_AT_ONCE = 50
_ENVIRONMENT = {"FRANKENJET_CONNECTIONS": "4096", "FRANKENJET_CONNECTIONS_PER_ADDRESS": "16000"}
_TICKS = 100.0


async def run(server: str, *, sockets: int = SOCKETS) -> list[dict[str, Any]]:
    """Open each by a ticket or a cookie, and look at the process before and after."""
    return [await _measured(server, "sockets", sockets), await _measured(server, "sockets-events", sockets)]


async def _measured(server: str, bench: str, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        owner = await connect(dsn, "frankenjet bench")
        try:
            heads = await (_by_tickets if bench == "sockets" else _by_cookies)(owner, count + 1)
        finally:
            await owner.close()
        with process_of_product(dsn, folder / "key.pem", folder, **_ENVIRONMENT) as (pid, port):
            (await _open(port, heads[0]))[1].close()  # what is loaded for the first one counts for none
            await asyncio.sleep(1)
            before = kilobytes(pid, "status", "VmRSS:")
            every = []
            for at in range(1, len(heads), _AT_ONCE):
                every += await asyncio.gather(*(_open(port, one) for one in heads[at : at + _AT_ONCE]))
            began = _seconds(pid)
            await asyncio.sleep(SECONDS)
            used = _seconds(pid) - began
            megabytes = (kilobytes(pid, "status", "VmRSS:") - before) / 1024
            alive = [await asyncio.wait_for(reader.read(2), 1) for reader, _ in every]
            for _, writer in every:
                writer.close()
    return result(
        bench, megabytes, AIM_MB, unit="MB", inverse=True, peer_name=f"{AIM_MB:.0f} MB for 2,000",
        sockets=len(every), heard=sum(1 for one in alive if one),
        ms_per_second=round(1000 * used / SECONDS, 1),
    )  # fmt: skip


async def _sessions(owner: Connection, count: int) -> list[UUID]:
    """Make accounts with one session each, whose ids are those of the accounts."""
    made = [(new_id(), f"Listener {at}", f"listener {at}") for at in range(-(-count // OF_AN_ACCOUNT))]
    await owner.executemany("insert into auth.account (id, name, name_key) values ($1, $2, $3)", made)
    await owner.executemany(
        "insert into auth.session (id, account, client, expires_at, longest_token, seen_at, cookie)"
        " values ($1, $1, 'page', $2, 900, clock_timestamp(), $3)",
        [(account, clock.now() + LASTS, sha256(_secret(account))) for account, *_ in made],
    )
    return [account for account, *_ in made]


async def _by_tickets(owner: Connection, count: int) -> list[str]:
    """Return requests for WebSockets."""
    sessions = await _sessions(owner, count)
    tickets = [f"fjt_{at:043}" for at in range(count)]
    ends = clock.now() + LASTS
    await owner.executemany(
        "insert into auth.socket_ticket (sha256, session, expires_at) values ($1, $2, $3)",
        [(sha256(one), sessions[at // OF_AN_ACCOUNT], ends) for at, one in enumerate(tickets)],
    )
    return [
        f"GET /v1/me/socket?ticket={one} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: ZnJhbmtlbmpldC1iZW5jaA==\r\n\r\n"
        for one in tickets
    ]


async def _by_cookies(owner: Connection, count: int) -> list[str]:
    """Return requests for event streams."""
    sessions = await _sessions(owner, count)
    secrets = [_secret(sessions[at // OF_AN_ACCOUNT]) for at in range(count)]
    return [
        f"GET /v1/me/events HTTP/1.1\r\nHost: bench\r\nCookie: {SESSION.safe}={one}\r\n\r\n"
        for one in secrets
    ]


def _secret(account: UUID) -> str:
    return f"fjs_{account.hex:0>43}"


def sha256(secret: str) -> bytes:
    """Return the hash under which a secret is kept."""
    return hashlib.sha256(secret.encode()).digest()


async def _open(port: int, head: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if answer[9:12] not in {b"101", b"200"}:
        raise SystemExit(f"frankenjet: bench sockets: {answer.decode(errors='replace').splitlines()[0]}")
    if answer[9:12] == b"200":
        await reader.readuntil(b"\n\n")
    return reader, writer


def _seconds(pid: int) -> float:
    """Return the seconds of a core that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
