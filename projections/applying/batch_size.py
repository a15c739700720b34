"""How many events one batch has: it learns from batches that failed or took long."""


class BatchSize:
    """How many events the next batch may have: fewer after one that failed or was slow, then more again.

    Args:
        limit: the most.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.now = limit

    def failed(self, count: int) -> None:
        """Note that so many events could not be written at once."""
        self.now = max(1, count // 2)

    def took(self, count: int, *, cut: bool) -> None:
        """Note that so many events are written; `cut`: there was no time for more."""
        self.now = min(self._limit, 2 * count if cut else max(self.now, 2 * count))
