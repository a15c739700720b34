"""Runs a verb that takes long, and ends it within 2 s when it is told to, wherever it is."""

import asyncio
import multiprocessing
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals by which somebody ends a verb."""

GRACE = 1.0
"""Seconds for the verb to put things in order; what is left then ends with the process."""


def run_stoppable(verb: Coroutine[Any, Any, int], said: str) -> int:
    """Run a verb and return its exit code; 143 after SIGTERM and 130 after Ctrl-C.

    A verb that is asked to end while it waits for an answer of the database is not waited for: the server
    notices by itself that the connection is closed. Worker processes end with the verb.

    Args:
        verb: what to run; it lets go of what it holds when it is cancelled.
        said: one line for standard error when it was stopped.
    """
    loop = asyncio.new_event_loop()
    running = loop.create_task(verb)
    code = 0

    def stop(number: int) -> None:
        nonlocal code
        code = 128 + number
        running.cancel()
        loop.call_later(GRACE, loop.stop)

    with signals_as_before():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)
        running.add_done_callback(lambda _done: loop.stop())
        loop.run_forever()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    if not code:
        return running.result()
    loop.set_exception_handler(lambda *_: None)  # what is left is left on purpose
    for child in multiprocessing.active_children():
        child.kill()
    print(f"frankenjet: {said}", file=sys.stderr)
    return code


@contextmanager
def signals_as_before() -> Iterator[None]:
    """Give the signals that end a process back their meaning: the caller may go on after a verb."""
    if threading.current_thread() is not threading.main_thread():  # signals are none of its business
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
