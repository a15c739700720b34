"""What only developers run: API documents, checks of migrations and requirements."""
