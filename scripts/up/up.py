"""`frankenjet up`: all that one machine needs, started, watched over and ended by one process."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from shlex import quote
from types import FrameType

from kit.checkout import ROOT
from kit.embedded.postgres import Postgres
from kit.embedded.state import EmbeddedError, Lock, StateFolder, open_state
from kit.embedded.valkey import Valkey
from kit.postgres.connect import PROJECTOR, READER, WRITER
from kit.running.processes import LOOK_SECONDS, Child, end, marked, send, shorten
from kit.settings import Settings
from scripts.cli.database import forget_postgres_variables
from scripts.cli.door import reach
from scripts.cli.port import PORTS, answers, choose_port, origin
from scripts.cli.stoppable import ENDING, signals_as_before
from scripts.up.logins import LOGINS, as_login
from scripts.up.prepare import ensure_sample, ensure_schema, ensure_signing_key
from scripts.up.supervisor import Supervisor

STOP_WITHIN = 4.0
"""Seconds for all parts together; whatever is left then is killed."""

LOGS_EVERY = 10.0
"""Seconds between two looks at the length of the logs."""

WATCH_SECONDS = 0.5
"""Seconds between two looks at the parts once all is well."""

PROCESSES = ("serve", "seed", "project")


class Stop(BaseException):
    """Somebody wants us to end: raised wherever we are, so that no wait outlasts it."""


def up(settings: Settings) -> int:
    """Run FrankenJet on this machine until SIGINT, SIGTERM or SIGHUP; return the exit code.

    Servers that `settings` has an address for are used; the others are started in the state folder.
    """
    began = time.monotonic()
    state = open_state(settings.state)
    alive = _alone(state)
    supervisor = Supervisor(_say, _still_there(state))
    with _stopped_by_signals() as be_deaf:
        try:
            url, inside = _start(settings, state, supervisor)
            _watch(inside, state, supervisor, lambda: _announce(url, inside, state, alive.note, began))
        except Stop:
            _say("Stopping.")
        finally:
            be_deaf()
            supervisor.stop(STOP_WITHIN)
            send(marked(state.mark("")), signal.SIGKILL)
            alive.release()
    return 0


def _still_there(state: StateFolder) -> Callable[[], None]:
    """Return what raises EmbeddedError once the state folder is not the one of now any more."""
    identity = state.identity

    def look() -> None:
        if state.identity != identity:
            raise EmbeddedError(
                f"the state folder {state.folder} was removed while it was in use: everything is stopped, and"
                " `frankenjet up` begins a new one"
            )

    return look


def _alone(state: StateFolder) -> Lock:
    """Take the lock that marks a folder as alive, with a line for somebody who finds it taken."""
    alive = state.lock("up")
    if not alive.take():
        raise EmbeddedError(f"already up on {state.folder} {alive.read_note()}".rstrip())
    alive.note("")
    return alive


def _say(line: str) -> None:
    with suppress(OSError):  # nobody reads any more, or a disk is full: no reason to stop serving
        print(line, flush=True)


@contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], None]]:
    """Turn the first of the ending signals into Stop; what is yielded makes us deaf to any further one."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        be_deaf()
        raise Stop

    def be_deaf() -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)

    with signals_as_before():
        for number in ENDING:
            signal.signal(number, stop)
        yield be_deaf


def _start(settings: Settings, state: StateFolder, supervisor: Supervisor) -> tuple[str, str]:
    """Start what is missing, in order; return the addresses of the API and of what is for operators."""
    for name in PROCESSES:
        if end(state.mark(name), 2):
            _say(f"Ended `{name}`, left over from a run that was killed.")
    port = choose_port(settings.host, settings.port)
    if settings.port is None and port != PORTS[0]:
        _say(f"Port {PORTS[0]} is taken; the API gets {port}.")
    _check_what_is_given(settings)
    keep: list[int] = []
    dsn = settings.database_url
    if not dsn:
        forget_postgres_variables()
        server = Postgres(state, final=True)
        dsn = str(supervisor.run(server))
        supervisor.checks.append(_with_files(server))
        keep.append(server.in_use)
        _say(f"PostgreSQL {server.outcome}.")
    cache = settings.redis_url
    if not cache:
        valkey = Valkey(state)
        cache = str(supervisor.run(valkey))
        _say(
            f"Valkey {valkey.outcome}."
            if cache
            else "No Valkey for this machine: serving without a shared cache."
        )
    key = settings.signing_key_file or state.signing_key
    if settings.signing_key_file is None:
        ensure_signing_key(key)
    urls = {} if settings.database_url else {role: as_login(dsn, role) for role in LOGINS}
    identity = ensure_schema(state, settings.owner_url or dsn, dsn, list(urls.values()))
    env = _environment(settings, state) | {
        "DATABASE_URL": urls.get(WRITER, dsn),
        "FRANKENJET_READ_URL": urls.get(READER, settings.read_url),
        "REDIS_URL": cache,
        "PORT": str(port),
        "FRANKENJET_SIGNING_KEY_FILE": str(key.absolute()),
    }
    projecting = env | {"DATABASE_URL": urls.get(PROJECTOR, dsn)}
    supervisor.run(_child("project", state, projecting, keep))
    if settings.sample or (settings.sample is None and not settings.database_url):
        seeding = env | {
            "FRANKENJET_OWNER_URL": settings.owner_url or dsn
        }  # accounts are made by their owner
        ensure_sample(state, identity, _child("seed", state, seeding, keep), supervisor.look, _say)
    elif settings.sample is None:
        _say("The database is yours: the sample encyclopedia stays out of it. SAMPLE=1 loads it, for good.")
    supervisor.run(_child("serve", state, env, keep))
    return origin(settings.host, port), origin(settings.host, settings.internal_port or port)


def _check_what_is_given(settings: Settings) -> None:
    """Raise Refused when a server or a key that was named cannot be used, before anything starts."""
    for setting, dsn in (
        ("DATABASE_URL", settings.database_url),
        ("FRANKENJET_OWNER_URL", settings.owner_url),
        ("FRANKENJET_READ_URL", settings.read_url),
    ):
        if dsn:
            reach(dsn, setting, migrated=False)
    if settings.signing_key_file is not None or settings.verify_key_files:
        from scripts.keys import public_keys, signing_key

        public_keys(settings)
        if settings.signing_key_file is not None:
            signing_key(settings)


def _with_files(server: Postgres) -> Callable[[], None]:
    """Return what raises EmbeddedError once the files of a server are gone."""

    def look() -> None:
        if server.gone():
            raise EmbeddedError(
                "the data of PostgreSQL were removed while it ran: everything is stopped; put a backup in"
                " their place, or remove the state folder"
            )

    return look


def _environment(settings: Settings, state: StateFolder) -> dict[str, str]:
    """Return what every process of ours is given: our own environment, with the settings made plain."""
    mine = dict(os.environ)  # noqa: TID251 - handed on
    mine.pop("FRANKENJET_OWNER_URL", None)
    return mine | {
        "RABBITMQ_URL": settings.rabbitmq_url,
        "FRANKENJET_HOST": settings.host,
        "FRANKENJET_STATE": str(state.folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _child(name: str, state: StateFolder, env: dict[str, str], keep: list[int]) -> Child:
    mark = state.mark(name)
    argv = [sys.executable, "-P", "-X", f"frankenjet={mark}", "-m", "scripts.main", name]
    shorten(state.log(name))
    return Child(name, argv, state.log(name), mark, env, keep)


def _watch(health: str, state: StateFolder, supervisor: Supervisor, announce: Callable[[], None]) -> None:
    """Keep the parts running, and announce the first moment at which the API is ready."""
    looked = time.monotonic()
    while True:
        supervisor.look()
        if not supervisor.settled and answers(f"{health}/readyz"):
            supervisor.settled = True
            announce()
        if time.monotonic() - looked > LOGS_EVERY:
            looked = time.monotonic()
            for log in state.folder.glob("logs/*.log"):
                shorten(log)
        time.sleep(WATCH_SECONDS if supervisor.settled else LOOK_SECONDS)


def _announce(url: str, inside: str, state: StateFolder, note: Callable[[str], None], began: float) -> None:
    note(f"({url})")
    here = state.folder == ROOT / ".state"
    where = "" if here else f" --state {quote(str(state.folder))}"
    _say(
        f"\nFrankenJet is up after {time.monotonic() - began:.1f} s.\n"
        f"  API    {url}/v1/articles\n"
        f"  Docs   {inside}/docs\n"
        f"  Token  .venv/bin/frankenjet token --account NAME --role editor{where}\n"
        f"  State  {state.folder} (logs in {state.folder / 'logs'})\n"
        "Ctrl-C stops it; starting it again finds everything as it was.\n"
    )
