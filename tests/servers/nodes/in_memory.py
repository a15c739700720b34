"""A PostgreSQL of the tests' own whose files lie in memory: the machine's programs, and no disk to wait for.

Nearly every test makes a database and drops it. On a disk each drop is a checkpoint that brings hundreds of
files of other tests' databases there, one after the other, and everybody waits for it; here it costs nothing.
Nothing else differs: the server syncs as everywhere, and none of these tests takes the power from a disk.
"""

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

MEMORY, ROOM = Path("/dev/shm"), 2**31  # noqa: S108 - the folders below it have names of their own

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "md5",  # a connection costs little, and nobody listens on the loopback
    "autovacuum": "off",  # nothing happens to a database but what its test does
    "max_wal_size": "256MB",
    "log_checkpoints": "off",
}

HOLD = """
"$@" & server=$!
cat > /dev/null
kill -QUIT $server
wait $server
rm -rf "$folder"
"""
"""Runs a server until nobody has the other end of the input any more; nothing is left."""

FACTS = """
select (select setting from pg_config where name = 'BINDIR'), current_setting('data_directory'),
       pg_encoding_to_char(encoding), datcollate, datctype
  from pg_database where datname = 'template1'
"""

PATIENCE = 30.0


def memory() -> Path | None:
    """Return a folder whose files lie in memory; None where there is none, or too little of it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


@dataclass(frozen=True)
class Like:
    """A server of this machine: its programs, who runs them, and how its texts are sorted."""

    programs: Path
    uid: int
    gid: int
    locale: tuple[str, ...]


def like(dsn: str) -> Like | None:
    """Return what is needed for another server like this one; None when it does not tell, or is elsewhere."""
    try:
        with psycopg.connect(dsn, connect_timeout=2) as connection:
            found = connection.execute(FACTS).fetchone()
    except psycopg.Error:
        return None
    assert found is not None
    folder, data, encoding, collate, ctype = found
    programs = Path(folder)
    if not all(os.access(programs / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:  # no server runs as root
        try:
            owner = Path(data).stat()
        except OSError:
            return None
        uid, gid = owner.st_uid, owner.st_gid
    return Like(
        programs, uid, gid, (f"--encoding={encoding}", f"--lc-collate={collate}", f"--lc-ctype={ctype}")
    )


def postgres_in_memory(model: Like) -> str | None:
    """Start a server and return its address; None where it cannot be. It ends with this process.

    Args:
        model: what it is like.
    """
    place = memory()
    if place is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="fjtest-", dir=place))
    os.chown(folder, model.uid, model.gid)
    dsn = _start(model, folder)
    if dsn is None:
        shutil.rmtree(folder, ignore_errors=True)
    return dsn


def _start(model: Like, folder: Path) -> str | None:
    word, secret = secrets.token_hex(16), folder / "password"
    secret.write_text(word)
    os.chown(secret, model.uid, model.gid)
    data = folder / "data"
    rights = ["--username=postgres", "--auth-local=reject", "--auth-host=md5", f"--pwfile={secret}"]
    how = {"user": model.uid, "group": model.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "folder": str(folder)}
    with (folder / "log").open("wb") as log:
        made = subprocess.run(  # type: ignore[call-overload]
            [model.programs / "initdb", "-D", data, "--no-sync", *rights, *model.locale],
            stdout=log, stderr=log, check=False, cwd="/", env=environment, umask=0o077, **how,
        )  # fmt: skip
        if made.returncode:
            return None
        port = _free_port()
        given = SETTINGS | {"port": str(port)}
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        held = subprocess.Popen(  # type: ignore[call-overload]
            ["sh", "-c", HOLD, "sh", model.programs / "postgres", "-D", data, *options],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", env=environment, umask=0o077,
            start_new_session=True, **how,
        )  # fmt: skip
    atexit.register(_end, held)
    plain = "sslmode=disable"  # it has no TLS, and to ask for it costs a client a third of each connection
    dsn = f"postgresql://postgres:{word}@127.0.0.1:{port}/postgres?{plain}"
    return dsn if _answers(dsn) else None


def _answers(dsn: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return True
    return False


def _end(held: "subprocess.Popen[bytes]") -> None:
    assert held.stdin is not None
    held.stdin.close()
    held.wait(PATIENCE)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
