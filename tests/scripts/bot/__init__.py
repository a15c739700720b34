"""Tests of scripts/bot."""
