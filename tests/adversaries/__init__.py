"""Those who do their worst, and what must be true all the same."""
