"""How much the sample encyclopedia is in the log."""

from scripts.sample import entries, lives
from scripts.sample.pictures import pictures


def events_of_the_sample() -> int:
    """Return how many events the log has when all of the sample is loaded: of entries, slugs, pictures."""
    articles = sum(len(life.steps) + len(life.slugs) for life in lives())
    return articles + sum(entry.version + 1 for entry in entries()) + 2 * len(pictures())
