"""How a verb is told to end: by the first signal, in order, and once only."""

import asyncio
import faulthandler
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_HANGUP = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)

ENDING = (signal.SIGINT, signal.SIGTERM, *_HANGUP)
"""The signals by which somebody ends a verb; a closed terminal is none to a process that nohup started."""

GRACE = 1.0
"""Seconds for the verb to put things in order; what is left then ends with the process."""

HOPELESS = 8.0
"""Seconds after a signal when the process ends, whatever still hangs."""


def run_stoppable(verb: Coroutine[Any, Any, int], said: str) -> int:
    """Run a verb and return its exit code; 143 after SIGTERM and 130 after Ctrl-C.

    A verb that is asked to end while it waits for an answer of the database is not waited for: the server
    notices by itself that the connection is closed. Worker processes end with the verb.

    Args:
        verb: what to run; it lets go of what it holds when it is cancelled.
        said: one line for standard error when it was stopped.
    """
    runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
    loop = runner.get_loop()
    running = loop.create_task(verb)
    code = 0

    def stop(number: int) -> None:
        nonlocal code
        code = 128 + number
        running.cancel()
        loop.call_later(GRACE, loop.stop)

    with signals_as_before(), told_to_end(loop, stop):
        running.add_done_callback(lambda _done: loop.stop())
        loop.run_forever()
    if not code:
        runner.close()
        return running.result()
    loop.set_exception_handler(lambda *_: None)  # what is left is left on purpose
    for child in multiprocessing.active_children():
        child.kill()
    print(f"frankenjet: {said}", file=sys.stderr)
    return code


async def until_told(running: Coroutine[Any, Any, None]) -> None:
    """Run what does not end by itself, until a signal says so."""
    task = asyncio.create_task(running)
    with told_to_end(asyncio.get_running_loop(), lambda _: task.cancel()), suppress(asyncio.CancelledError):
        await task


@contextmanager
def told_to_end(
    loop: asyncio.AbstractEventLoop, end: Callable[[int], object], within: float = HOPELESS
) -> Iterator[Callable[[int], None]]:
    """Call `end` at the first signal that ends a process; further ones are not heard until it has ended.

    A second one would end in the middle what is ending in order, or change the exit code at the last moment.
    What is yielded does what the first signal does.

    Args:
        loop: calls `end` between two steps: inside one, it could wait for a lock that is held below it.
        end: is given the number of the signal.
        within: seconds after which the process ends although something hangs.
    """
    told = False

    def first(number: int) -> None:
        nonlocal told
        if not told:
            told = True
            # From a thread that needs nothing of the interpreter, which may be what hangs.
            faulthandler.dump_traceback_later(within, exit=True)
            end(number)

    for number in ENDING:
        loop.add_signal_handler(number, first, number)
    try:
        yield first
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)
            if told:
                signal.signal(number, signal.SIG_IGN)


@contextmanager
def signals_as_before(*, always: bool = False) -> Iterator[None]:
    """Give the signals that end a process back their meaning: the caller may go on after a verb.

    Args:
        always: also when the verb was told to end. Without it such a process stays deaf until it has ended.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are none of its business
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        if always:
            faulthandler.cancel_dump_traceback_later()
        for number, handler in before.items():
            if always or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)
