"""Strangers write to the bot as much as they like: each is heard a few times a minute, and nobody waits."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST, SECONDS = 5, 60.0
"""Messages of one private chat that are heard in that time."""

CHATS = 1_000
"""Chats that are remembered; those that were silent for longest are forgotten."""


class Strangers:
    """Remembers who wrote when.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: OrderedDict[int, deque[float]] = OrderedDict()

    def may_write(self, chat: int) -> bool:
        """Tell whether one more message of a chat is heard, and count it then."""
        now = self._clock()
        times = self._heard.setdefault(chat, deque(maxlen=MOST))
        self._heard.move_to_end(chat)
        if len(self._heard) > CHATS:
            self._heard.popitem(last=False)
        if len(times) == MOST and now - times[0] < SECONDS:
            return False
        times.append(now)
        return True
