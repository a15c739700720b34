"""Why a publisher ended before everything that it sent was safe."""


class NotConfirmed(Exception):  # noqa: N818 - it says what is known: not that it failed
    """Some messages may have arrived or not. The publisher is dead: close it and begin after `confirmed`.

    Args:
        reason: what happened, for a person.
        confirmed: messages, counted from the publisher's first, of which every one is safe.
    """

    def __init__(self, reason: str, *, confirmed: int) -> None:
        super().__init__(reason)
        self.confirmed = confirmed


class Unroutable(NotConfirmed):
    """No queue wanted message `confirmed` + 1."""


class NotTaken(NotConfirmed):
    """The broker could not take message `confirmed` + 1 (a nack)."""


class TimedOut(NotConfirmed):
    """Nothing was confirmed for too long; what is open may still arrive later."""


class Lost(NotConfirmed):
    """The channel or the connection is gone."""
