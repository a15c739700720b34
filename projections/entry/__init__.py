"""The projection of every kind of entry: its tables, the handlers of its life, links in texts."""
