"""How often something may be done: `rules` says what a limit is, `catalog` lists all, with their figures.

`limits` counts: what must not be guessed in Redis (or in memory without it) before it is done, everything
else in this process, which tells the others of those who do much. `windows` counts in memory, `shared` in
Redis. `fields` are the headers that tell a client how much is left.
"""
