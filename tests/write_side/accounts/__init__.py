"""Tests of write_side/accounts."""
