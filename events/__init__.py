"""Facts that are stored for ever: the only thing that both sides know."""
