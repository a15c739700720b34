"""Faults while models are made, parked and swapped."""
