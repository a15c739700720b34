"""Tests of scripts/log."""
