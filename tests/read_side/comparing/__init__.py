"""Tests of read_side/comparing."""
