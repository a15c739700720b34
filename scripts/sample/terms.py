"""Terms for entries that are not made by commands: what these say has to be there."""

from collections.abc import Iterable

import msgspec

from events.base import Meta
from events.codec import CODEC
from events.entry import identified_stream
from events.slug import SlugClaimed, slug_stream
from kit.ids import new_id
from write_side.bus import Bus
from write_side.entry import lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import evolve
from write_side.log.append import Append, Claim, NewEvent

TERM = AGGREGATES["term"]


async def ensure_terms(running: Bus, wanted: Iterable[tuple[str, str]]) -> None:
    """Publish those of some terms that there are not yet, in one append.

    Args:
        running: appends them.
        wanted: the vocabulary and the code of each.
    """
    streams = {identified_stream("term", one): one for one in sorted(wanted)}
    there = await running.streams.last_of(streams)
    meta = CODEC.encode_meta(Meta(actor=new_id(), command=new_id(), client="import", reason="terms"))
    claims: list[Claim] = []
    for stream, (vocabulary, code) in streams.items():
        if stream in there:
            continue
        said = {"title": {"en": code.replace("_", " ")}, "vocabulary": vocabulary, "code": code}
        if vocabulary == "tag":
            said["category"] = "theme"
        slug = f"{vocabulary}-{code}".replace("_", "-")
        content = msgspec.convert(TERM.declared.kept({}, said), TERM.content)
        created = TERM.life.created(slug=slug, content=content)
        state = evolve(None, created)
        shown = lifecycle.publish(TERM, state, 1, state.content, force=True, reason="terms")
        claimed = SlugClaimed(kind="term", slug=slug, owner=stream)
        for place, events in ((stream, (created, *shown)), (slug_stream("term", None, slug), (claimed,))):
            claims.append(
                Claim(place, 0, tuple(NewEvent(new_id(), CODEC.encode(one), meta) for one in events))
            )
    if claims:
        await running.appender.append(Append(tuple(claims)))
