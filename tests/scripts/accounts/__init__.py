"""Tests of scripts/accounts."""
