"""The process that compares large revisions, so that the one that serves goes on meanwhile."""

import orjson

from kit.running.child import serve
from read_side.comparing.changes import both_ways


def compared(request: bytes) -> bytes:
    """Return the changes of [before, after, keys of items], and those of the way back, as JSON.

    The first 8 bytes are the length of the former.
    """
    there, back = both_ways(*orjson.loads(request))
    return len(there).to_bytes(8) + there + back


if __name__ == "__main__":
    serve(compared)
