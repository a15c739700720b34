"""Trouble with the broker: what commands notice of it, and how soon it is said."""
