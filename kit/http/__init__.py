"""The edge of every HTTP process: limits, problems, strict bodies and queries, conditions, metrics."""
