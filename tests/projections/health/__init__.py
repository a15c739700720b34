"""Tests of projections/health."""
