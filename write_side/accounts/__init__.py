"""Commands of accounts: made, given roles, shut out; sessions and bots' tokens; each leaves its audit row."""
