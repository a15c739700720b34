"""Somebody who does everything is erased, and looked for everywhere: `planting` lives, `searching` looks."""
