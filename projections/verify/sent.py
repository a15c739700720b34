"""Checks that nothing that was sent is known to be missing in the stream of the broker."""

from kit.log.spans import count
from kit.postgres.connect import Connection
from projections.forwarding.missing import known
from projections.forwarding.stream_watch import MEND
from projections.verify.verdict import Verdict


async def sent(connection: Connection) -> Verdict:
    """Return what the forwarder has noted; the broker itself is asked by it alone, every few seconds."""
    missing = await known(connection)
    if missing:
        mend = MEND.format(missing[0][0])
        return Verdict("stream", ok=False, detail=f"the stream lacks {count(missing):,} events; {mend}")
    return Verdict("stream", ok=True, detail="nothing that was sent is known to be missing there")
