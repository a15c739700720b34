"""Tests of promoted standbys."""
