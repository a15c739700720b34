"""Commands in, events out."""
