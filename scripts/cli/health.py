"""A port where machines ask about a process that serves nothing else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kit.errors import Refused
from kit.health.port import HealthAnswers, HealthPort


@contextmanager
def health_port(host: str, port: int | None, setting: str, answers: HealthAnswers) -> Iterator[None]:
    """Answer what machines ask, where a port is given for it.

    Args:
        host: address to listen on.
        port: None: nobody asks.
        setting: that names the port.
        answers: what is asked there.

    Raises:
        Refused: the port is taken, or not ours to take.
    """
    if port is None:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(HealthPort(host, port, answers))
        except OSError as error:
            taken = f"port {port} is taken or not open to us on {host}"
            raise Refused([f"{setting}: {taken}: free it, or name another"]) from error
        yield
