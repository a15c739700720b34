"""`frankenjet resend`: fills a stream of RabbitMQ again where it lacks some."""

from kit.log.spans import count
from kit.postgres.server_watch import watched_connection
from projections.forwarding.missing import EVERYTHING, PUBLIC, known, send_again
from projections.forwarding.stream_watch import mend
from scripts.cli.report import reporting


async def resend(dsn: str, first: int | None, *, public: bool = False, as_json: bool = False) -> int:
    """Say which events a stream lacks, or let every event from a place on be sent again.

    Everybody who listens gets them again as well; a copy carries the same id as before.

    Args:
        dsn: address of the database.
        first: place of the first event to send; None: only say what is missing.
        public: of the stream of what readers may know, whose places are numbers; else of all events, whose
            places are positions of the log.
        as_json: one object a line, {"lacks": [begin, end]}, {"missing"} or {"sent_again"}.

    Returns:
        0 when nothing is missing, or the events are on their way; 1 when something is missing and nothing was
        done, or nothing was sent at that place.
    """
    say = reporting(as_json=as_json)
    reader, place = (PUBLIC, "number") if public else (EVERYTHING, "position")
    async with watched_connection(dsn, "frankenjet resend") as connection:
        if first is not None:
            events = await send_again(connection, first, reader)
            if not events:
                say(f"{place} {first:,} has not been sent yet: there is nothing to send again", sent_again=0)
                return 1
            say(f"{events:,} events are sent again, from {place} {first:,} on", sent_again=events)
            return 0
        missing = await known(connection, reader)
    for begin, end in missing:
        say(f"the stream lacks {place}s {begin} to {end}", lacks=[begin, end])
    if missing:
        wanted = mend(reader, missing[0][0])
        say(f"{count(missing):,} events are missing; {wanted}", missing=count(missing), mend=wanted)
        return 1
    say("the stream lacks nothing that was sent", missing=0)
    return 0
