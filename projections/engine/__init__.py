"""The engine: `loop` reads each page of the log once; each of the `followers` applies it.

A `follower` holds the lease of one generation and moves its cursor. `needed_generations` says which there are
to follow and prepares what is lacking, `swap` puts one in the place of another, `park` lets parked events in,
and `replace`, `discard` and `resync` are what operators decide.
"""
