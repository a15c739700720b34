"""Tests of kit/health."""
