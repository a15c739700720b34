"""The read side of three kinds, as the tests of kinds have it."""

from tests.read_side.kinds.conftest import world

__all__ = ["world"]
