"""The life that every kind of entry shares: drafts, submission, publication, archive, revisions, slugs.

Each command has a row in `routes`, a body and a handler in `commands`, a decision in `lifecycle`, and what it
changes in `state`. `kind` is the aggregate that the bus runs. `answers` describes receipts and refusals.
"""
