"""How a process of ours makes way for those that people wait for."""

import os
import time
from pathlib import Path

_OF_SESSION = Path("/proc/self/autogroup")

_TRIES = 20
"""Linux takes ten such wishes a second from all who have no special right."""


def give_way(nice: int) -> None:
    """Let this process, and what it starts, have the cores only while others leave them.

    Linux may share the cores out among sessions first, and then the niceness of a process is compared with no
    other session's. So where this process leads its session, the whole session is made to give way.

    Args:
        nice: 1 to 19.
    """
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    if os.getsid(0) == os.getpid():
        _session_gives_way(nice)


def _session_gives_way(nice: int) -> None:
    for _ in range(_TRIES):
        try:
            _OF_SESSION.write_text(str(nice))
        except BlockingIOError:
            time.sleep(0.1)
        except OSError:  # this system has no such thing
            return
        else:
            return
