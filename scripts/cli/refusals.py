"""The one place where a failure that can be expected becomes a line; failures are told apart by their types.

Exit codes of all verbs: 0 done; 1 the answer is no, or it was not done; 2 it could not begin or go on: an
argument, a setting, a server; 3 something waits for a person; 130 and 143 it was told to stop (`up`, `serve`
and `project` end with 0 then); 141 nobody reads what it prints any more.
"""

import errno
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import typer

from kit.broker.amqp.channel import Rejected
from kit.embedded.state import EmbeddedError
from kit.errors import Problem, Refused
from kit.forms import Wrong

NO, CANNOT, WAITS, STOPPED, UNREAD = 1, 2, 3, 130, 141

DISK_FULL = "53100"
"""PostgreSQL's code for a disk without room."""

USAGE: type[Exception] = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
"""What the library of the command line raises of words that it does not understand."""

_STATES = {
    "28P01": "it refuses the login or its password: mend them in the address",
    "28000": "it does not let this login in: make the login, or let it in by pg_hba.conf",
    "3D000": "it has no database of this name: make it (createdb), or mend the name in the address",
    "53300": "all of its connections are taken: end some, or raise max_connections",
    "57P03": "it is starting or stopping: try again in a moment",
    "57P01": "it was stopped meanwhile: start it, and try again",
    "57P02": "it broke down meanwhile: try again when it is back",
    "25006": "it may only be read, so it is a standby: the address has to lead to the primary",
    "08003": "the connection broke ({said}): see whether it runs, and try again",
    "08006": "the connection broke ({said}): see whether it runs, and try again",
    "42501": "the login lacks a right for this ({said}): migrate, seed, token and import take the address of"
    " the owner from FRANKENJET_OWNER_URL",
    "42P01": "it does not hold the tables of this build ({said}): run `frankenjet migrate` first",
    "3F000": "it does not hold the tables of this build ({said}): run `frankenjet migrate` first",
    "57014": "it took too long ({said}): try again when it has less to do",
    "55P03": "somebody else holds what this needs ({said}): try again in a moment",
}
"""PostgreSQL's codes of what an operator can mend, and the mend."""

_REPLIES = {
    403: "it refuses the login or its password: mend them in the address",
    530: "it has no such virtual host, or does not let this login into it: make it (rabbitmqctl add_vhost,"
    " set_permissions), or mend the name behind the last slash of the address",
}
"""Codes that RabbitMQ gives when it does not let somebody in."""

_DRIVERS = {
    "asyncpg": ("PostgresError", "InterfaceError", "InternalClientError"),
    "psycopg": ("Error",),
    "sqlalchemy.exc": ("SQLAlchemyError",),
    "alembic.util": ("CommandError",),
    "aiormq.exceptions": ("AMQPError",),
    "redis.exceptions": ("RedisError",),
}


class Refusal(NamedTuple):
    """What is said of a failure, and the exit code."""

    lines: list[str]
    code: int
    before: str = "frankenjet: "
    """What each line begins with."""


def said_of(error: BaseException) -> Refusal | None:
    """Return what to say of a failure; None: it is a fault of ours, and its traceback is needed."""
    for kinds, say in _KINDS:
        if isinstance(error, kinds):
            said = say(error)
            if said is not None:
                return said
    if _state(error) == DISK_FULL:
        return Refusal([f"the database has no room: {_first_line(error)}"], NO)
    reason = why(error)
    return None if reason is None else Refusal([f"the server that this needs: {reason}"], CANNOT)


def why(error: BaseException) -> str | None:
    """Return why a server cannot be used and how to mend it; None when this is no failure of a server."""
    known = _STATES.get(_state(error), "").format(said=_first_line(error))
    if isinstance(error, Rejected):
        known = _REPLIES.get(error.code, "")
    elif isinstance(error, TimeoutError):
        known = "it did not answer in time: see whether it hangs, or whether the address is right"
    elif isinstance(error, socket.gaierror):
        known = "the name of its host is not known: mend it in the address"
    elif _nobody_listens(error):
        known = "nobody answers there: start it, or mend the address"
    of_a_server = isinstance(error, (OSError, *_loaded()))
    return known or (_first_line(error) if of_a_server else None)


def _of_all(group: BaseExceptionGroup[BaseException]) -> Refusal | None:
    every = [said_of(one) for one in group.exceptions]
    known = [one for one in every if one is not None]
    if len(known) < len(every):
        return None
    lines = list(dict.fromkeys(line for one in known for line in one.lines))
    return Refusal(lines, max(one.code for one in known))


def _usage(error: Any) -> Refusal:
    """Return what is wrong with the words of a command in one line, and where to read more."""
    if type(error).__name__ == "NoArgsIsHelpError":  # nothing is wrong: somebody wants to see what there is
        return Refusal(str(error).splitlines(), CANNOT, before="")
    said = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return Refusal([f"{said} See `{context.command_path} --help`." if context is not None else said], CANNOT)


def _state(error: BaseException) -> str:
    """Return PostgreSQL's code; every driver has it, and one wraps the error of another."""
    return getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _nobody_listens(error: BaseException) -> bool:
    """Tell whether nobody answers at any address of a name; asyncio tells of several by their texts alone."""
    return isinstance(error, OSError) and (
        error.errno in {errno.ECONNREFUSED, errno.ENOENT} or f"[Errno {errno.ECONNREFUSED}]" in str(error)
    )


def _of_a_file(error: OSError) -> Refusal | None:
    if error.filename is not None:
        return Refusal([f"{error.filename}: {error.strerror}"], CANNOT)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Refusal([f"there is no room for the output: {error.strerror}"], NO)
    return None


def _loaded() -> Iterable[type[BaseException]]:
    """Return the classes of drivers that were imported: a verb that asked no server pays for none."""
    for module, names in _DRIVERS.items():
        if module in sys.modules:
            yield from (getattr(sys.modules[module], name) for name in names)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_KINDS: tuple[
    tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], Refusal | None]], ...
] = (
    (BaseExceptionGroup, _of_all),
    (USAGE, _usage),
    (Refused, lambda refused: Refusal(refused.lines, CANNOT)),
    (Problem, lambda problem: Refusal([" ".join(filter(None, (problem.title, problem.detail)))], NO)),
    ((EmbeddedError, Wrong), lambda wrong: Refusal(str(wrong).splitlines(), CANNOT)),
    ((KeyboardInterrupt, typer.Abort), lambda _: Refusal([], STOPPED)),
    (BrokenPipeError, lambda _: Refusal([], UNREAD)),
    (OSError, _of_a_file),
)
"""Kinds of failures, and what is said of each; None: look further."""
