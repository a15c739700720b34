"""Tests of scripts/up."""
