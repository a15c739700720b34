"""Tests of projections/verify."""
