"""What knows nothing of content: settings, clock, ids, HTTP, accounts, database, cache, broker."""
