"""Processes that begin as copies of one, the original, that has loaded the product."""
