"""Articles: what they need to be published, and their commands."""
