"""What administrators and the operator do: make accounts, give rights, take them, hand out bots' tokens."""
