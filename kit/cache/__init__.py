"""The second level of every cache, and the breaker that keeps a dead server from costing time."""
