"""Commands in, events out.

A request comes to a route (`http`), which makes a `call` of it and hands it, with the body, to the `bus`.
The bus sees to it that an Idempotency-Key has one effect and one answer, and runs the handler: `async def
publish(work, body)`. By its `work` the handler reads the state, asks a pure function what happens, and
appends; what comes back is a `receipt`.

What commands are run on is an `aggregate`: how a stream begins and evolves, is kept and is compared.
`history` folds streams from snapshots, `states` keeps folded states in memory, `conflict` tells somebody
whose copy is out of date what has changed. `log` appends to PostgreSQL in groups and reads streams back.
`entry` is the aggregate of every kind of entry, a folder such as `article` what a kind adds; `slugs` are
claimed in the same append. `recorder` lets the `eventsourcing` library work on the same log. `catalog`
lists, `main` assembles.
"""
