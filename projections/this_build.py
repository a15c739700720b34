"""What this build is made of, under the names by which worker processes of a replay import it."""

from events.codec import CODEC
from projections.catalog import PROJECTIONS
from projections.rebuild.worker import BuildModule

THIS_BUILD = BuildModule(__name__)
"""Where those processes find it."""

__all__ = ["CODEC", "PROJECTIONS", "THIS_BUILD"]
