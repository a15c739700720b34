"""Tests of scripts/sample."""
