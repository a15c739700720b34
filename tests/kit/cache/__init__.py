"""Tests of kit/cache."""
