"""A build of three kinds with its feed, where worker processes of a replay find it."""

from events.catalog import events_of
from projections.feed.projection import feed_projection
from tests.read_side.kinds.world import CODEC, KINDS, PROJECTION

FEED = feed_projection(events_of(KINDS), KINDS)
PROJECTIONS = (PROJECTION, FEED)

__all__ = ["CODEC", "FEED", "PROJECTIONS"]
