"""Facts that are never changed or deleted: the only thing that both sides know."""
