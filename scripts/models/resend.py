"""`frankenjet resend`: fills the stream of all events again where it lacks some."""

from kit.log.spans import count
from kit.postgres.server_watch import watched_connection
from projections.forwarding.missing import known, send_again
from projections.forwarding.stream_watch import MEND
from scripts.cli.report import reporting


async def resend(dsn: str, first: int | None, *, as_json: bool = False) -> int:
    """Say which events the stream lacks, or let the forwarder send every event from a position on again.

    Everybody who listens gets them again as well; a copy carries the same id as before.

    Args:
        dsn: address of the database.
        first: position of the first event to send; None: only say what is missing.
        as_json: one object a line, {"lacks": [begin, end]}, {"missing"} or {"sent_again"}.

    Returns:
        0 when nothing is missing, or the events are on their way; 1 when something is missing and nothing was
        done, or the position is none that was sent.
    """
    say = reporting(as_json=as_json)
    async with watched_connection(dsn, "frankenjet resend") as connection:
        if first is not None:
            events = await send_again(connection, first)
            if not events:
                say(f"position {first:,} has not been sent yet: there is nothing to send again", sent_again=0)
                return 1
            say(f"the forwarder sends {events:,} events again, from position {first:,} on", sent_again=events)
            return 0
        missing = await known(connection)
    for begin, end in missing:
        say(f"the stream lacks positions {begin} to {end}", lacks=[begin, end])
    if missing:
        mend = MEND.format(missing[0][0])
        say(f"{count(missing):,} events are missing; {mend}", missing=count(missing), mend=mend)
        return 1
    say("the stream lacks nothing that was sent", missing=0)
    return 0
