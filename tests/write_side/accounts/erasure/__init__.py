"""Accounts that are erased."""
