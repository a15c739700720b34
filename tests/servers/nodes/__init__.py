"""Servers of a test's own, which may be killed, frozen, starved and promoted."""
