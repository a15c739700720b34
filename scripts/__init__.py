"""The `frankenjet` command."""
