"""What everybody needs who follows the log, on either side.

`rows` reads events as they are stored, and `source` follows them from a position, woken by `wake`.
`lease` lets one copy of a reader lead, `cursor` keeps the position that only the leader moves, and `leader`
runs a reader for as long as it leads. `chain` and `lineage` tell one log from another; `portable` carries a
log out of the database and back.
"""
