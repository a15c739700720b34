"""How long a thread of Python may go on while another one of the process wants to."""

import sys

TURN_SECONDS = 0.001


def take_short_turns() -> None:
    """Let threads hand over after a thousandth of a second instead of five.

    Where one of them computes, the one that talks to the database is let in at each of its answers: with long
    turns a commit of ten answers takes 50 ms beside it.
    """
    sys.setswitchinterval(TURN_SECONDS)
