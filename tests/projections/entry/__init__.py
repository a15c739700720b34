"""Tests of projections/entry."""
