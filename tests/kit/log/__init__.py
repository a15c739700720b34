"""Tests of kit/log."""
