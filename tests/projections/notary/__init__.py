"""Tests of projections/notary."""
