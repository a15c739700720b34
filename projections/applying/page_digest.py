"""The digest of a page of the log, made once for all read models that apply it."""

from collections.abc import Sequence

from events.reading import Item
from kit.log.digest import digest_of


class PageDigest:
    """Digests of the beginning of one page: each is made once, whatever number of read models takes it."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def upto(self, events: Sequence[Item]) -> int:
        """Return the digest of the first events of the page."""
        known = self._known.get(len(events))
        if known is None:
            known = self._known[len(events)] = digest_of([(one.position, one.id) for one in events])
        return known
