"""A Bot API on a port of its own: strict about what it is sent, and away or in a hurry as a test wants."""
