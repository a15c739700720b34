"""Tests of scripts/models."""
