"""Tests of scripts/dev."""
