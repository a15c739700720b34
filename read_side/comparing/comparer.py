"""The process that compares large revisions, so that the one that serves goes on meanwhile."""

import orjson

from kit.running.child import serve
from read_side.comparing.diff import both_ways


def compared(request: bytes) -> bytes:
    """Return the changes of [before, after], and those of the way back, as JSON.

    The first 8 bytes are the length of the former.
    """
    before, after = orjson.loads(request)
    there, back = both_ways(before, after)
    return len(there).to_bytes(8) + there + back


if __name__ == "__main__":
    serve(compared)
