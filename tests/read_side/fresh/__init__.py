"""Tests of read_side/fresh."""
