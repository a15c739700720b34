"""Verbs about accounts and tokens."""
