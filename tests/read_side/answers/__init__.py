"""Tests of read_side/."""
