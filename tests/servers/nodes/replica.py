"""A primary and a streaming standby of it, behind one address: killed, cut off, promoted at will."""

import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kit.embedded.cluster import DATABASE, OWNER, read_pidfile
from kit.embedded.home import home
from kit.embedded.postgres import Postgres
from kit.embedded.state import StateFolder, open_state
from kit.running.processes import marked, send, wait_until
from scripts.migrate import migrate
from tests.servers.nodes.in_memory import memory
from tests.servers.proxy import Proxy

STANDBY = """
primary_conninfo = 'host={host} port={port} user={user}'
wal_retrieve_retry_interval = 100
"""

PATIENCE = 30.0


class Member:
    """One server of a pair."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self.server = Postgres(state, final=True)

    @property
    def data(self) -> Path:
        return home(self._state).room("postgres") / "data"

    @property
    def place(self) -> tuple[str, int]:
        """Folder of its socket, and the port that names it there."""
        facts = read_pidfile(self.data)
        assert facts is not None
        return str(facts.socket_folder), 5432

    def grow(self, template: Path) -> None:
        """Take a copy of a data folder for its own, with its owner and modes."""
        subprocess.run(["cp", "-a", template, self.data], check=True)

    def ask(self, sql: str, *values: Any) -> Any:
        """Ask it for one value, whatever else leads to it."""
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            row = connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def sets(self, name: str, value: str) -> None:
        """Change a setting while it runs."""
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            connection.execute(f"alter system set {name} = '{value}'")
            connection.execute("select pg_reload_conf()")

    def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        send(marked(self._state.mark("postgres")), signal.SIGKILL)
        assert wait_until(lambda: not self.server.alive(), PATIENCE)


class Pair:
    """A primary, its standby, and where each of them is."""

    def __init__(self, primary: Member, standby: Member, address: Proxy, opened: AsyncExitStack) -> None:
        self.primary = primary
        self.standby = standby
        self.address = address
        self._opened = opened

    @property
    def dsn(self) -> str:
        """The address that processes are given; it leads to the present primary."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.address.port}/{DATABASE}"

    def synchronous(self) -> None:
        """Let no commit be acknowledged before the standby has it on its disk."""
        self.primary.sets("synchronous_standby_names", "*")
        assert wait_until(lambda: self._replication("sync_state") == "sync", PATIENCE)

    def caught_up(self) -> None:
        """Return when the standby shows whatever the primary shows now."""
        wanted = self.primary.ask("select pg_current_wal_lsn()::text")
        ahead = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
        assert wait_until(lambda: self.standby.ask(ahead, wanted) is True, PATIENCE)

    def cut(self) -> None:
        """Let nothing more come to the standby; it knows all that the primary has acknowledged so far."""
        self.caught_up()
        self.standby.sets("primary_conninfo", "")
        assert wait_until(lambda: self._replication("state") is None, PATIENCE)

    async def fails(self) -> None:
        """Kill the primary for good; nothing leads anywhere now."""
        await self.address.refuse()
        self.primary.kill()
        self.address.reset()

    async def vanishes(self) -> None:
        """Let the primary's machine lose its power: its clients hear nothing of it."""
        await self.address.refuse()
        self.address.pause()
        self.primary.kill()
        port = self.address.port
        self.address = Proxy(*self.standby.place)
        self.address.port = port
        await self._opened.enter_async_context(self.address)
        await self.address.refuse()

    async def promote(self) -> None:
        """Make the standby the primary, and let the address lead to it."""
        assert self.standby.ask("select pg_promote(true, 10)") is True
        self.address.target = self.standby.place
        await self.address.accept()

    def _replication(self, what: str) -> Any:
        return self.primary.ask(f"select {what} from pg_stat_replication")


@contextmanager
def template() -> Iterator[Path]:
    """Yield a migrated data folder that a pair can be copied from."""
    with _folder() as folder:
        member = Member(open_state(folder / "state"))
        with member.server:
            migrate(member.server.dsn)
            hba = member.data / "pg_hba.conf"
            hba.write_text(f"{hba.read_text()}local replication all trust\n")
        yield member.data


@asynccontextmanager
async def pair(data_folder: Path) -> AsyncIterator[Pair]:
    """Yield a primary and a standby that streams from it, both from a template."""
    with _folder() as folder, ExitStack() as servers:
        states = [open_state(folder / name) for name in ("one", "two")]
        primary, standby = (Member(state) for state in states)
        if (number := home(states[0]).user) is not None:  # the standby comes to the primary's socket
            (states[1].folder / "runs-as").write_text(str(number[0]))
        for member in (primary, standby):
            member.grow(data_folder)
        servers.enter_context(primary.server)
        host, port = primary.place
        with (standby.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(STANDBY.format(host=host, port=port, user=OWNER))
        (standby.data / "standby.signal").touch()
        servers.enter_context(standby.server)
        async with AsyncExitStack() as opened:
            address = await opened.enter_async_context(Proxy(*primary.place))
            both = Pair(primary, standby, address, opened)
            assert wait_until(lambda: both._replication("state") == "streaming", PATIENCE)  # noqa: SLF001 - ours
            yield both


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder whose path every user may pass, so that root's servers can live in it.

    In memory where there is room: what is copied is large, and no test here takes the power from the disk.
    """
    with tempfile.TemporaryDirectory(prefix="fjtest-", dir=memory(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
