"""Tests of projections/forwarding."""
