"""From events to rows: `apply` is the one loop: `prepare`, whose steps are methods, and then a commit.

`batch` holds the pure parts (what is needed, the fold), `page_digest` the digest that all read models at one
place share, `rows` loads and writes rows set-based. `stored_rows` finds the rows that a batch begins with:
`recent` ones need not be loaded, nor those that are being written. `batch_size` tells how many events are
taken at once, and `one_statement` makes one statement of a small batch.
"""
