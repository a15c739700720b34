"""Checks that nothing that was sent is known to be missing in the stream of the broker."""

from kit.log.spans import count
from kit.postgres.connect import Connection
from projections.forwarding.missing import EVERYTHING, PUBLIC, known
from projections.forwarding.stream_watch import mend
from projections.verify.verdict import Verdict


async def sent(connection: Connection) -> Verdict:
    """Return what those who send have noted; they alone ask the broker itself, every few seconds."""
    lacks = [(one, missing) for one in (EVERYTHING, PUBLIC) if (missing := await known(connection, one))]
    said = [
        f"the stream lacks {count(missing):,} events; {mend(one, missing[0][0])}" for one, missing in lacks
    ]
    told = "; ".join(said) or "nothing that was sent is known to be missing there"
    return Verdict("stream", ok=not lacks, detail=told)
