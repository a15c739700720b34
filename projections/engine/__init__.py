"""The engine: `loop` reads each page of the log once, for all of the `followers`.

A `follower` holds the lease of one generation and makes of a page what is to be written; `together` lets
those at one place do so, and `commit` writes it in one transaction with their cursors. `needed_generations`
says which there are to follow and prepares what is lacking, `swap` puts one in the place of another, `park`
lets parked events in, and `replace`, `discard` and `resync` are what operators decide.
"""
