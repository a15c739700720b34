"""What must be true before anything is served: the schema, the signing key, the sample.

Each is remembered in the state folder, so that a warm start pays neither for the work nor for its imports.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import asyncpg

from kit.checkout import ROOT
from kit.embedded.state import StateFolder
from kit.postgres.server_watch import watched_connection
from kit.running.processes import LOOK_SECONDS, Child, tail

TRIES = 3
"""How often the sample is tried; a server that was killed meanwhile is back by then."""

SAMPLE = 3
"""Grows when the sample of an earlier build has to be gone through again; 3: more subjects have come."""

MIGRATIONS = ROOT / "migrations"


def ensure_signing_key(path: Path) -> None:
    """Make the key that signs tokens unless it is there."""
    if not path.exists():
        from kit.auth.keys import ensure_signing_key as make

        make(path)


def ensure_schema(state: StateFolder, owner_dsn: str, dsn: str, logins: Sequence[str] = ()) -> str:
    """Migrate, unless the same migrations brought this database to where it still is; return its identity.

    Args:
        state: where it is remembered.
        owner_dsn: address of the owner of the schemas.
        dsn: address of the processes' login.
        logins: those of an embedded server, which are made in the same turn; none: it is somebody else's.

    Raises:
        Refused, OSError, asyncpg.PostgresError, psycopg.Error: the database is away or refuses.
    """
    memory = state.folder / "migrated"
    source = _digest(
        owner_dsn,
        dsn,
        *logins,
        *(path.read_text() for path in sorted(MIGRATIONS.rglob("*.*")) if _ours(path)),
    )
    identity, version = asyncio.run(_look(owner_dsn))
    if not memory.exists() or memory.read_text().split() != [source, identity, version]:
        from scripts.migrate import migrate

        migrate(owner_dsn, dsn)
        if logins:
            from scripts.up.logins import make_logins

            make_logins(owner_dsn)
        identity, version = asyncio.run(_look(owner_dsn))
        memory.write_text(f"{source} {identity} {version}\n")
    return identity


def _ours(path: Path) -> bool:
    return path.suffix in {".py", ".sql"}


async def _look(dsn: str) -> tuple[str, str]:
    """Return which database this is, whatever its address, and the revision that it says it is at."""
    async with watched_connection(dsn, "frankenjet up", None) as connection:
        identity = await connection.fetchval(
            "select format('%s/%s', system_identifier, oid) from pg_control_system(), pg_database"
            " where datname = current_database()"
        )
        try:
            version = await connection.fetchval("select version_num from public.alembic_version")
        except asyncpg.UndefinedTableError:
            version = None
    return str(identity), str(version)


def ensure_sample(
    state: StateFolder, identity: str, seed: Child, look: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Load the sample once per database, before anything is served: who sees us ready sees the sample.

    Args:
        state: where it is remembered.
        identity: which database this is, as `ensure_schema` said.
        seed: the process that loads it; it goes on where an earlier one was killed.
        look: called all the while, so that a server that dies meanwhile is replaced.
        say: tells a person.
    """
    memory = state.folder / "sample-loaded"
    loaded = f"{identity}:{SAMPLE}"
    if memory.exists() and loaded in memory.read_text().split():
        return
    say("Loading the sample encyclopedia.")
    for _ in range(TRIES):
        if _ends_well(seed, look):
            with memory.open("a") as file:
                file.write(f"{loaded}\n")
            return
        say(f"The sample could not be loaded. Its log:\n{tail(seed.log)}")
        for _ in range(int(1 / LOOK_SECONDS)):
            look()
            time.sleep(LOOK_SECONDS)
    say("Serving without the sample; `frankenjet seed` loads it.")


def _ends_well(child: Child, look: Callable[[], None]) -> bool:
    child.start()
    try:
        while child.alive():
            look()
            time.sleep(LOOK_SECONDS)
    finally:
        child.stop(1)
    return child.process is not None and child.process.returncode == 0


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()
