"""Tests of projections/builds."""
