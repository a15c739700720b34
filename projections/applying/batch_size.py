"""How many events one batch has: it learns from batches that failed or took long."""


class BatchSize:
    """How many events the next batch may have: fewer after one that failed or was slow, then more again.

    Args:
        limit: the most.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._before = limit
        self.now = limit

    def trying(self, count: int) -> None:
        """Note that so many events are about to be written; should that fail, the next batch is smaller."""
        self._before, self.now = self.now, max(1, count // 2)

    def took(self, count: int, *, cut: bool) -> None:
        """Note that so many events are written; `cut`: there was no time for more."""
        self.now = min(self._limit, 2 * count if cut else max(self._before, 2 * count))
