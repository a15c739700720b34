"""Measurements against a named peer in the same run; figures are ratios."""
