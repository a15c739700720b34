"""The life that every kind of entry shares: drafts, submission, publication, archive, revisions, slugs."""
