"""Runs a verb that takes long, and ends it within 2 s when it is told to, wherever it is."""

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Coroutine
from typing import Any

GRACE = 1.0
"""Seconds for the verb to put things in order; what is left then ends with the process."""


def run_stoppable(verb: Coroutine[Any, Any, int], said: str) -> int:
    """Run a verb and return its exit code; 143 after SIGTERM and 130 after Ctrl-C.

    Whoever is asked to end and waits for an answer of the database meanwhile is not waited for: the server
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

    numbers = signal.SIGTERM, signal.SIGINT
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, stop, number)
    try:
        running.add_done_callback(lambda _done: loop.stop())
        loop.run_forever()
        if not code:
            return running.result()
        loop.set_exception_handler(lambda *_: None)  # what is left is left on purpose
        for child in multiprocessing.active_children():
            child.kill()
        print(f"frankenjet: {said}", file=sys.stderr)
        return code
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
