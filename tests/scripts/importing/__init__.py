"""Tests of imports: whatever comes in, and no matter who ends it, nothing is lost and nothing is doubled."""
