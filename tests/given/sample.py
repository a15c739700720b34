"""How much the sample encyclopedia is in the log."""

from scripts.sample import entries, lives


def events_of_the_sample() -> int:
    """Return how many events the log has when all of the sample is loaded: those of entries, and of slugs."""
    articles = sum(len(life.steps) + len(life.slugs) for life in lives())
    return articles + sum(entry.version + 1 for entry in entries())
