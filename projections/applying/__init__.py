"""From events to rows: `apply` is the one loop, whose steps are methods, in their order.

`batch` holds the pure parts (what is needed, the fold), `rows` loads and writes rows set-based, `recent`
knows rows that need not be loaded, `batch_size` how many events are taken at once, and `one_statement` makes
one statement of a small batch.
"""
