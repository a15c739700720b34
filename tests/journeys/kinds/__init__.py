"""Tests of kinds for all languages, and of every kind there is."""
