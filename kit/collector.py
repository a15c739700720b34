"""Makes Python's cycle collector rare: what our hot paths make is freed by reference counts alone."""

import gc

YOUNG = 100_000
"""New objects before the youngest are looked at. The default of 700 halved the speed of a replay."""


def collect_seldom_while_loading() -> None:
    """Look for cycles seldom from now on: what is imported stays, and was looked through often."""
    gc.set_threshold(YOUNG, 20, 100)


def collect_seldom() -> None:
    """Look for cycles seldom, and never again among what the start of the process has made.

    Call it once, when everything is imported. The few objects that nobody needs by then stay as well: to look
    for them would take a twentieth of the whole start.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
