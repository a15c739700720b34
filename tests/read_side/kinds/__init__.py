"""Several kinds of entries in one log, over the real engine and the real read side."""
