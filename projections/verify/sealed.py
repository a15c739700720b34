"""Checks that the log still is what was sealed."""

from kit.log.chain import START, canonical, link
from kit.postgres.connect import Connection
from projections.verify.verdict import Mistakes, Page, Verdict


class SealedChain:
    """The hash chain, recomputed, agrees with every seal that the database holds.

    Seals inside the database can be rewritten with it: those that were carried elsewhere are the proof.
    """

    def __init__(self) -> None:
        self._chain = START
        self._good = 0
        self._seals = 0
        self._wrong = Mistakes()

    @classmethod
    async def at(cls, connection: Connection, head: int) -> "SealedChain":
        """Return the check of a log with this head."""
        made = cls()
        beyond = await connection.fetchval("select max(position) from project.seal where position > $1", head)
        if beyond is not None:
            made._wrong.add(f"position {beyond} is sealed, but the log ends at {head}")
        return made

    def take(self, page: Page) -> None:
        seals = page.seals
        for row in page.rows:
            self._chain = link(self._chain, canonical(*row))
            position = row["position"]
            if position in seals:
                self._seals += 1
                if seals[position] != self._chain:
                    self._wrong.add(f"an event from {self._good + 1} to {position} is not what was sealed")
                else:
                    self._good = position

    def verdict(self) -> Verdict:
        good = f"{self._seals:,} seals agree, the last at position {self._good:,}"
        return self._wrong.verdict("chain", good if self._seals else "no seal yet to compare with")
