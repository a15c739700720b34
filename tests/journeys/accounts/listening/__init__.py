"""What reaches those who listen, and what becomes of those who are too far behind."""
