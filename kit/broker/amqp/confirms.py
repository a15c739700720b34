"""Counts what the broker has confirmed of one channel's messages, and how far without a hole."""


class Confirms:
    """Messages are numbered 1, 2, 3 … as they are sent, as the protocol numbers them.

    `contiguous` is the number up to which every message is confirmed. It never passes a message that
    the broker refused or returned, whatever it confirms behind it.
    """

    __slots__ = ("_ahead", "_reached", "_wall", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self._reached = 0
        self._ahead: set[int] = set()
        self._wall: int | None = None

    @property
    def contiguous(self) -> int:
        return self._reached if self._wall is None else min(self._reached, self._wall - 1)

    @property
    def refused(self) -> bool:
        """Everything before the first refused message is confirmed: nothing more can be won by waiting."""
        return self._wall is not None and self._reached >= self._wall - 1

    def confirm(self, number: int, *, multiple: bool) -> None:
        """Take note that a message, or each one up to it, is safe. Number 0 with `multiple` means all sent.

        Raises:
            ValueError: when no message of that number was sent.
        """
        number = self._known(number, multiple=multiple)
        if multiple:
            self._reached = max(self._reached, number)
            if self._ahead:
                self._ahead = {later for later in self._ahead if later > number}
        elif number == self._reached + 1:
            self._reached = number
        elif number > self._reached:
            self._ahead.add(number)
        while self._reached + 1 in self._ahead:
            self._reached += 1
            self._ahead.remove(self._reached)

    def refuse(self, number: int, *, multiple: bool = False) -> None:
        """Take note that a message, or each unconfirmed one up to it, is not safe.

        Raises:
            ValueError: when no message of that number was sent.
        """
        number = self._known(number, multiple=multiple)
        first = min(self._reached + 1, number) if multiple else number
        self._wall = first if self._wall is None else min(first, self._wall)

    def _known(self, number: int, *, multiple: bool) -> int:
        if number == 0 and multiple:
            return self.sent
        if not 1 <= number <= self.sent:
            raise ValueError(f"a confirm of message {number}, but {self.sent} were sent")
        return number
