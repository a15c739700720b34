"""A module for workers of tests: it answers with the sum of its request's bytes, or takes its time."""

import sys
import time

from kit.running.child import serve

SLEEP = b"sleep"

ENDLESS = b"endless"


def summed(request: bytes) -> bytes:
    """Return the sum of the bytes in decimal; b"sleep" takes half a second, b"" ends the process.

    The answer to b"endless" is so.
    """
    if not request:
        raise SystemExit
    if request == SLEEP:
        time.sleep(0.5)
    if request == ENDLESS:
        while True:
            sys.stdout.buffer.write(b"\x01" * 2**16)
    return str(sum(request)).encode()


if __name__ == "__main__":
    serve(summed)
