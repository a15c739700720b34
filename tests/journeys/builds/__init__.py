"""Tests of one build after another."""
