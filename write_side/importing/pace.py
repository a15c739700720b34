"""Gives way to editors: the next group of an import waits until readers see the one before."""

import asyncio

from write_side.log.streams import Streams

_SEEN = """
select min(m.reached) from (
  select max(position) as reached from project.cursor
   where schema like 'read\\_%' and updated_at > clock_timestamp() - interval '5 s'
   group by regexp_replace(schema, '_[0-9a-f]+_[0-9]+$', '')) m"""
"""How far the slowest read model is, each in its most advanced build; null: none has moved of late."""

LOOK_SECONDS = 0.005
PATIENCE = 2.0
"""Seconds without any progress of readers after which it is taken that nobody projects now."""

BLIND = 100
"""Groups for which readers are not waited for then."""


class Pace:
    """Keeps at most one group of an import between an editor and those who read.

    Args:
        streams: where the log is read.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._blind = 0

    async def after(self, position: int, took: float) -> None:
        """Return when the next group may come.

        Args:
            position: the last one of the group that was appended.
            took: seconds that its append took; as long is waited at least.
        """
        await asyncio.sleep(took)
        if self._blind:
            self._blind -= 1
            return
        clock = asyncio.get_running_loop().time
        seen, since = -1, clock()
        while (now := await self._streams.ask("fetchval", _SEEN) or 0) < position:
            if now != seen:
                seen, since = now, clock()
            if clock() - since > PATIENCE:
                self._blind = BLIND
                return
            await asyncio.sleep(LOOK_SECONDS)
