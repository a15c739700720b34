"""What this build is made of, under the names by which worker processes of a replay import it."""

from events.codec import CODEC
from projections.catalog import PROJECTIONS

__all__ = ["CODEC", "PROJECTIONS"]
