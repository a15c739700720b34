"""The read side of three kinds, as the tests of kinds have it."""

from tests.read_side.kinds.conftest import database, stock_of_kinds, world

__all__ = ["database", "stock_of_kinds", "world"]
