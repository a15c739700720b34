"""Tests of kit/running."""
