"""Tests of projections/applying."""
