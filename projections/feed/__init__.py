"""The feed: a short row for each event, and the numbers of those that readers may know."""
