"""Tests of imports: whatever comes in, and whoever ends it, nothing is lost and nothing is doubled."""
