"""Tests of kit/postgres."""
