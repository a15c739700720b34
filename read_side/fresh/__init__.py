"""How old an answer may be: positions that are served, what is purged, waiting for a position."""
